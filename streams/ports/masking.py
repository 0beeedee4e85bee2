"""How a fault shows what a filer wrote without showing it: party fields only by their shape."""


def shape(text: str) -> str:
    """Show how a text is built without its content: 9 for a digit, A for a letter, the rest as it is."""
    return "".join("9" if char.isdigit() else "A" if char.isalpha() else char for char in text)
