"""TinyViT (Wu et al., 2022) in the variant of LiteMedSAM: it hardly shrinks the image, 256 pixels to a grid of 64."""
