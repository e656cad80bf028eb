"""What stands in a wish: its words and phrases, people, places, quotations, and which mails it means."""
