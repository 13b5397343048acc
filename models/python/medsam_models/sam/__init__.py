"""SAM with a ViT image encoder (Kirillov et al., 2023), as MedSAM uses it: box, points and mask to one mask."""
