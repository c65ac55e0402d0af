"""All IoUs of outlines of different readers, by shapely: the peer of bench/consensus.ts.

Reads {"runs": n, "objects": [[reader, [[x, y], ...]], ...]}, writes versions, times in ms, and every pair with its IoU.
"""
import json
import sys
import time

import shapely
from shapely.geometry import Polygon
from shapely.strtree import STRtree


def overlaps(polygons, readers, places, areas):
    started = time.perf_counter()
    tree = STRtree(polygons)
    indexed = time.perf_counter()
    pairs = []
    for first, polygon in enumerate(polygons):
        for other in tree.query(polygon):
            second = places[id(other)]
            if second > first and readers[first] != readers[second]:
                pairs.append((first, second))
    searched = time.perf_counter()
    found = []
    for first, second in pairs:
        common = polygons[first].intersection(polygons[second]).area
        if common > 0:
            found.append((first, second, common / (areas[first] + areas[second] - common)))
    ended = time.perf_counter()
    return found, [1000 * (indexed - started), 1000 * (searched - indexed), 1000 * (ended - searched)]


def main():
    with open(sys.argv[1]) as file:
        given = json.load(file)
    readers = [reader for reader, _ in given["objects"]]
    started = time.perf_counter()
    polygons = [Polygon(ring) for _, ring in given["objects"]]
    areas = [polygon.area for polygon in polygons]
    made = 1000 * (time.perf_counter() - started)
    places = {id(polygon): place for place, polygon in enumerate(polygons)}
    runs = []
    found = []
    for _ in range(given["runs"]):
        found, times = overlaps(polygons, readers, places, areas)
        runs.append(times)
    found.sort()
    json.dump({
        "versions": "shapely %s, GEOS %s" % (shapely.__version__, ".".join(map(str, shapely.geos.geos_version))),
        "madeMs": made,
        "runsMs": runs,
        "pairs": found,
    }, sys.stdout)


if len(sys.argv) > 1:
    main()
else:
    print(shapely.__version__)
