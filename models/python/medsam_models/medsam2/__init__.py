"""SAM 2.1 (Ravi et al., 2024) with a Hiera image encoder, as MedSAM2 uses it: one box on one slice, carried through a
volume.
"""
