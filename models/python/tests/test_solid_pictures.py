"""Painted volumes: the same on every machine, with objects that go on from slice to slice."""

import numpy as np
from medsam_models.scenes.solids import solid_scene
from medsam_models.solid_pictures import RUN, painted_volume, solid_picture
from scipy import ndimage


def test_the_same_number_gives_the_same_picture_and_neighbours_share_a_volume():
    first, again = (solid_picture(np.random.default_rng((5, 3)), 5, 3) for _ in range(2))
    assert np.array_equal(first.image, again.image) and np.array_equal(first.labels, again.labels)
    beside = solid_picture(np.random.default_rng((5, 4)), 5, RUN - 1)
    assert beside.place.grey is again.place.grey
    assert solid_picture(np.random.default_rng((5, 4)), 5, RUN).place.grey is not again.place.grey


def test_a_picture_shows_its_object_and_a_course_leads_away_from_it_slice_by_slice():
    for number in range(20):
        rng = np.random.default_rng((6, number))
        picture = solid_picture(rng, 6, number)
        assert np.count_nonzero(picture.labels == picture.objects[0]) >= 20
        image, labels = picture.place.slice(picture.place.index)
        assert np.array_equal(image, picture.image) and np.array_equal(labels, picture.labels)
        first, *others = picture.place.course(rng, most=8)
        assert first == picture.place.index and 1 <= len(others) <= 8
        assert set(np.diff([first, *others])) in ({-2}, {-1}, {1}, {2})
        assert all(0 <= index < picture.place.labels.shape[picture.place.axis] for index in others)


def test_what_fills_an_object_is_part_of_it_and_slices_show_objects_in_several_parts():
    several, planes = 0, 0
    for run in range(4):
        scene = solid_scene(np.random.default_rng((7, 3, run)))
        fillings = [k for k, tissue in scene.tissue.items() if "@" in tissue]
        grey, labels, objects = painted_volume(7, run)
        assert grey.shape == labels.shape and grey.dtype == labels.dtype == np.uint8
        assert not np.isin(labels, fillings).any()
        for plane in labels[:: max(1, len(labels) // 12)]:
            for label in np.intersect1d(plane, objects):
                planes += 1
                several += ndimage.label(plane == label)[1] > 1
    assert several > 0.1 * planes
