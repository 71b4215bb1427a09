"""What a guest did over the last hours, as a picture with its numbers in words."""
