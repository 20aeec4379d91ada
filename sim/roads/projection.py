"""From longitude and latitude to metres on a plane, good for one city.

An equirectangular projection around the city's centre: at 20 km from the centre its error is
about a part in a thousand at middle latitudes, far below what snapping to a node changes. Road
lengths never come from it; they are data.
"""

import numpy as np

from sim.roads.arrays import FloatArray

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth in metres. Source: IUGG mean radius R1 (Moritz 2000)."""

Origin = tuple[float, float]
"""(longitude, latitude) in degrees of the point where x = y = 0."""


def centre(lon: FloatArray, lat: FloatArray) -> Origin:
    """The middle of the bounding box of points (N,) in degrees."""
    return (float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2)


def equirectangular(
    lon: FloatArray, lat: FloatArray, origin: Origin
) -> tuple[FloatArray, FloatArray]:
    """Project degrees to metres east and north of `origin`.

    Args:
        lon: (N,) degrees.
        lat: (N,) degrees.
        origin: (longitude, latitude) of the centre, in degrees.

    Returns:
        x and y, (N,) metres each, rounded to the millimetre so that the last bits of a
        machine's cosine never reach a content hash.

    Source: Snyder (1987), Map Projections: A Working Manual, USGS PP 1395, p. 90.
    """
    lon0, lat0 = origin
    x = EARTH_RADIUS_M * np.cos(np.radians(lat0)) * np.radians(lon - lon0)
    y = EARTH_RADIUS_M * np.radians(lat - lat0)
    return np.round(x, 3), np.round(y, 3)
