"""New guests: from a wish in words or a form to a guest that is ready to be used."""
