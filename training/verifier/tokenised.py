"""CLAPnq holds Wikipedia as a treebank tokenises it (`` `` x '' , y ``): back to plain text."""
import re


def plain(text):
    text = text.replace("``", '"').replace("''", '"')
    text = re.sub(r" (n't|'s|'re|'ve|'ll|'d|'m)\b", r"\1", text)
    text = re.sub(r" ([,.;:!?%)\]])", r"\1", text)
    text = re.sub(r"([(\[]) ", r"\1", text)
    text = re.sub(r"(\w) - (\w)", r"\1-\2", text)
    text = re.sub(r'" ([^"]*?) "', r'"\1"', text)
    return re.sub(r"\s+", " ", text).strip()
