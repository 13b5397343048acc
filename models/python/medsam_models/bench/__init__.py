"""How long each graph takes and how much memory, exported and in PyTorch, with the same random weights on the same machine."""
