"""What people can say: one module per noun, signed into one registry (`commands.registry`)."""
