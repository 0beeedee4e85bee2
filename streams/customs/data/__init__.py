"""Published lists that the rules read: the ten Centers, and which tariff numbers belong to which of them."""
