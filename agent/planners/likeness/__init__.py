"""Reading a wish by its likeness to wordings that were written down (`voices/`): the second reader.

It finds which goal a wish is most like and which of its words fill that goal's slots, and says both in the
plain words that the grammar reads. It makes no plan itself, and neither chance nor clock has a part in it.
"""
