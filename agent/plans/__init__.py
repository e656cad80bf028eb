"""The plan language: a wish as data, before anything of it happens.

language    the nouns: Plan, Step, Ref (with its selectors), the typed predicates
selecting   what a Ref means in the outputs of earlier steps: which places, which value
deciding    whether a predicate holds; three-valued: what is not known is never taken for granted
"""
