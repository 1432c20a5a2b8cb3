"""A layered layout: longest path, virtual nodes, barycentre sweeps; groups in lanes of their own."""

from collections import defaultdict

WIDTH, HEIGHT, COLUMN, ROW, SLIM, LANE = 196, 44, 260, 58, 14, 40


def layered(nodes, edges, lanes):
    """Places nodes.

    nodes: {id: lane}; edges: [(from, to)]; lanes: whether lanes are kept apart.
    Gives ({id: (layer, x, y)}, {(from, to): [x, y, …]}, {lane: (x, y, width, height)}, (width, height)).
    """
    above, below = defaultdict(list), defaultdict(list)
    for a, b in edges:
        above[b].append(a)
        below[a].append(b)
    layer, left = {}, {n: len(above[n]) for n in nodes}
    ready = [n for n in nodes if not left[n]]
    order = []
    while ready:
        following = []
        for n in ready:
            layer[n] = max((layer[m] + 1 for m in above[n]), default=0)
            order.append(n)
            for m in below[n]:
                left[m] -= 1
                if not left[m]:
                    following.append(m)
        ready = following
    for n in nodes:  # collapsed groups can close a circle
        if n not in layer:
            layer[n] = 1 + max((layer.get(m, 0) for m in above[n]), default=0)
    # What nothing feeds moves next to what it feeds.
    for n in reversed(order):
        if not above[n] and below[n]:
            layer[n] = max(0, min(layer[m] for m in below[n]) - 1)

    lane_of = dict(nodes) if lanes else {n: "" for n in nodes}
    chains, slim = {}, set()
    up, down = defaultdict(list), defaultdict(list)
    for a, b in edges:
        chain, last = [], a
        for step in range(layer[a] + 1, layer[b]):
            v = (a, b, step)
            layer[v], lane_of[v] = step, lane_of[b]
            slim.add(v)
            up[v].append(last)
            down[last].append(v)
            chain.append(v)
            last = v
        up[b].append(last)
        down[last].append(b)
        chains[a, b] = chain
    columns = defaultdict(list)
    for n in list(nodes) + list(slim):
        columns[layer[n]].append(n)
    rank = {}
    for column in columns.values():
        for i, n in enumerate(column):
            rank[n] = i
    names = sorted(set(lane_of.values()))
    place = {name: i for i, name in enumerate(names)}
    depth = max(columns, default=0) + 1
    for sweep in range(10):
        if lanes and sweep in (2, 5):
            total, count = defaultdict(float), defaultdict(int)
            for n in nodes:
                for m in above[n] + below[n]:
                    total[lane_of[n]] += rank[m] / max(1, len(columns[layer[m]]))
                    count[lane_of[n]] += 1
            names.sort(key=lambda name: total[name] / max(1, count[name]))
            place = {name: i for i, name in enumerate(names)}
        forward = sweep % 2 == 0
        near = up if forward else down
        for level in range(depth) if forward else range(depth - 1, -1, -1):
            column = columns[level]
            centre = {}
            for n in column:
                found = [rank[m] for m in near[n]]
                centre[n] = sum(found) / len(found) if found else rank[n]
            column.sort(key=lambda n: (place[lane_of[n]], centre[n], rank[n]))
            for i, n in enumerate(column):
                rank[n] = i

    # Heights: each lane is as high as its fullest column.
    def size(n):
        return SLIM if n in slim else ROW

    tall = defaultdict(int)
    for column in columns.values():
        used = defaultdict(int)
        for n in column:
            used[lane_of[n]] += size(n)
        for name, high in used.items():
            tall[name] = max(tall[name], high)
    top, y = {}, 0
    for name in names:
        top[name] = y + (LANE if lanes else 0)
        y += tall[name] + (LANE + 26 if lanes else 0)
    at = {}
    for level, column in columns.items():
        cursor = {}
        used = defaultdict(int)
        for n in column:
            used[lane_of[n]] += size(n)
        for n in column:
            name = lane_of[n]
            start = cursor.get(name, top[name] + (tall[name] - used[name]) / 2)
            at[n] = start + size(n) / 2
            cursor[name] = start + size(n)
    if not lanes:  # pull towards the neighbours' centres without changing the order
        for sweep in range(6):
            near = up if sweep % 2 == 0 else down
            for level in range(depth) if sweep % 2 == 0 else range(depth - 1, -1, -1):
                column = columns[level]
                want = []
                for n in column:
                    found = [at[m] for m in near[n]]
                    want.append(sum(found) / len(found) if found else at[n])
                edge = float("-inf")
                placed = []
                for n, w in zip(column, want):
                    w = max(w, edge + size(n) / 2)
                    placed.append(w)
                    edge = w + size(n) / 2
                shift = sum(w - p for w, p in zip(want, placed)) / max(1, len(column))
                for n, p in zip(column, placed):
                    at[n] = p + shift
        low = min((at[n] - size(n) / 2 for n in at), default=0)
        for n in at:
            at[n] -= low
    placed = {n: (layer[n], layer[n] * COLUMN, at[n] - HEIGHT / 2) for n in nodes}
    routes = {}
    for (a, b), chain in chains.items():
        points = [layer[a] * COLUMN + WIDTH, at[a]]
        for v in chain:
            points += [layer[v] * COLUMN - 20, at[v], layer[v] * COLUMN + WIDTH + 20, at[v]]
        routes[a, b] = [round(p, 1) for p in points + [layer[b] * COLUMN, at[b]]]
    boxes = {}
    if lanes:
        for name in names:
            members = [n for n in nodes if lane_of[n] == name]
            first, last = min(layer[n] for n in members), max(layer[n] for n in members)
            boxes[name] = (first * COLUMN - 14, top[name] - 30, (last - first) * COLUMN + WIDTH + 28, tall[name] + 36)
    height = max((at[n] + size(n) for n in at), default=0)
    return placed, routes, boxes, (depth * COLUMN, height)


def compact(nodes, edges):
    """Folded groups mostly feed each other in circles, where layers mean little: a grid, in the order of nodes,
    column by column.
    """
    rows = max(1, round((len(nodes) * 0.9) ** 0.5))
    placed = {n: (i // rows, i // rows * COLUMN, i % rows * (ROW + 34)) for i, n in enumerate(nodes)}
    routes = {}
    for a, b in edges:
        (_, ax, ay), (_, bx, by) = placed[a], placed[b]
        forward = bx > ax
        routes[a, b] = [
            ax + (WIDTH if forward else 0),
            ay + HEIGHT / 2,
            bx + (0 if forward or bx == ax else WIDTH),
            by + HEIGHT / 2,
        ]
    columns = -(-len(nodes) // rows)
    return placed, routes, {}, (columns * COLUMN, rows * (ROW + 34))
