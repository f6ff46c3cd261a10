import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons.degradations import CameraShake, LinearMotion, average_frames
from gan_lessons.errors import InputError


def moments(kernel):
    """Return the centroid from the middle and the covariance, in pixels."""
    grid = (np.indices(kernel.shape) - kernel.shape[0] // 2).reshape(2, -1)
    weight = kernel.astype(np.float64).ravel()
    centroid = grid @ weight
    return centroid, (grid * weight) @ grid.T - np.outer(centroid, centroid)


@settings(max_examples=20)
@given(length=st.floats(0, 60), exposure=st.floats(0.01, 1), anxiety=st.floats(0, 0.2), seed=st.integers(0, 1000))
def test_a_shake_is_a_kernel_about_its_centroid(length, exposure, anxiety, seed):
    shake = CameraShake(length, exposure, anxiety)
    kernel = shake.kernel(np.random.default_rng(seed))
    assert kernel.shape[0] == kernel.shape[1]
    assert kernel.shape[0] % 2 == 1
    assert kernel.min() >= 0
    assert kernel.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(moments(kernel)[0], 0, atol=1e-4)
    assert kernel.shape[0] <= 2 * np.ceil(length * exposure + 0.1) + 1
    again = shake.kernel(np.random.default_rng(seed))
    assert again.tobytes() == kernel.tobytes()


def test_a_trajectory_has_its_length():
    path = CameraShake(length_px=30).trajectory(np.random.default_rng(3))
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).sum() == pytest.approx(30)


def test_a_calm_hand_moves_straight_and_a_nervous_one_stays_near():
    def spread(anxiety):
        return np.mean(
            [np.trace(moments(CameraShake(40, 1.0, anxiety).kernel(np.random.default_rng(s)))[1]) for s in range(10)]
        )

    assert spread(0.0) == pytest.approx(40**2 / 12, rel=0.02)
    assert spread(0.0) > spread(0.005) > spread(0.2)


@given(length=st.floats(0, 40), angle=st.floats(-360, 360))
def test_a_line_has_its_length_and_direction(length, angle):
    kernel = LinearMotion(length, angle).kernel()
    centroid, covariance = moments(kernel)
    np.testing.assert_allclose(centroid, 0, atol=1e-4)
    along = np.array([np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))])
    across = along[::-1] * [1, -1]
    assert along @ covariance @ along == pytest.approx(length**2 / 12, abs=0.3 + length / 50)
    assert across @ covariance @ across <= 0.26  # bilinear weights widen by at most a quarter square pixel


def test_a_shake_blurs_all_colors_alike():
    image = np.random.default_rng(0).random((3, 32, 32))
    image[1] = image[0]
    blurred = CameraShake(10).apply(image, np.random.default_rng(1))
    np.testing.assert_allclose(blurred[0], blurred[1], atol=1e-6)
    assert blurred.std() < image.std()


def test_frames_are_averaged_in_light():
    frames = np.random.default_rng(0).random((7, 4, 5)).astype(np.float32)
    expected = np.array([[(frames[:, y, x] ** 2.2).mean() ** (1 / 2.2) for x in range(5)] for y in range(4)])
    np.testing.assert_allclose(average_frames(frames), expected, rtol=1e-5)
    np.testing.assert_allclose(average_frames(frames, gamma=1), frames.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(average_frames(frames[:1]), frames[0], rtol=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: CameraShake(-1),
        lambda: CameraShake(10, exposure=0),
        lambda: CameraShake(10, anxiety=float("nan")),
        lambda: CameraShake(10).kernel(),
        lambda: LinearMotion(-1),
        lambda: LinearMotion(1, float("inf")),
        lambda: average_frames(np.full((2, 3), 200, np.uint8)),
        lambda: average_frames(np.full((2, 3), 2.0)),
    ],
)
def test_wrong_parameters_are_told(wrong):
    with pytest.raises(InputError, match="expected"):
        wrong()
