"""What people may see of the bot itself, and how admins stop it: audit, why, freeze."""
