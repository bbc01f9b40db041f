"""Who appears where: how many rows each sheet has, and which organisation each row is about."""


def shares(n):
    """Rows a sheet has for N organisations; small sheets have a minimum so that their merges exist."""
    return {"org": round(0.45 * n), "filler": round(0.15 * n), "info": round(0.25 * n), "cat": round(0.30 * n),
            "people": round(0.12 * n), "notes": max(4, round(0.04 * n)), "addr": round(0.08 * n), "clean": round(0.20 * n),
            "caa": max(20, round(0.05 * n)), "fs": max(24, round(0.03 * n)), "fl": max(14, round(0.03 * n)),
            "cap": max(14, round(0.03 * n))}


def kind_for(world, home):
    if home == "cat":
        return world.pick(["motorsport"] * 4 + ["broker", "broker", "amo", "amo", "charter", "school", "school"])
    return world.pick(["school"] * 6 + ["charter", "amo"]) if home == "org" else "school"


def populate(world, n):
    """Make the entities and say in which sheet each one is at home."""
    homes = {"org": round(0.40 * n), "cat": round(0.26 * n), "clean": round(0.17 * n)}
    order = [h for h, count in homes.items() for _ in range(count)]
    while len(order) < round(0.85 * n):
        order.append(("caa", "fs", "fl", "cap")[len(order) % 4])
    shuffle(world, order)
    placed = {key: [] for key in ("org", "cat", "clean", "caa", "fs", "fl", "cap")}
    for i, home in enumerate(order):
        e = world.near_miss(world.entities[-1], i // 25) if i % 25 == 11 else world.entity(kind_for(world, home))
        if i % 50 == 27:  # two tenants behind one switchboard
            other = next(o for o in reversed(world.entities[:-2]) if o.type != e.type and o.word[0] != e.word[0])
            e.main = other.main
        placed[home].append((e, "home"))
        e.rows += 1
    return placed


def spread(world, placed, size):
    """Let entities appear again elsewhere, under another spelling, until every sheet has its rows."""
    wide = [e for e, _ in placed["org"] + placed["clean"] + placed["cat"]]
    schools = [e for e, _ in placed["org"] + placed["clean"] if e.kind == "school"]
    twice = {"clean": max(3, size["clean"] // 65), "org": max(1, size["org"] // 250), "cat": max(1, size["cat"] // 250)}
    serial = 0
    for key, rows in placed.items():
        pool = wide if key in ("org", "cat") else schools
        present = {e.id for e, _ in rows}
        fresh = min(size[key] - len(rows) - twice.get(key, 0), len({e.id for e in pool} - present))
        for i in range(fresh + twice.get(key, 0)):
            e = world.pick(pool) if i < fresh else world.pick(rows)[0]  # the last ones come a second time in one sheet
            while i < fresh and e.id in present:
                e = world.pick(pool)
            present.add(e.id)
            e.rows += 1
            serial += 1
            rows.append((e, style_for(world, e, serial if i < fresh else 0)))
        shuffle(world, rows)


def style_for(world, e, serial):
    """How a further row spells its organisation; serial 0 stands for a repeat within one sheet."""
    if e.domain and serial % 33 == 16:
        return "alias"
    r = world.rnd()
    return "same" if serial == 0 or not e.domain or r < 0.45 else "typo" if r < 0.75 else "home"


def shuffle(world, items):
    for i in range(len(items) - 1, 0, -1):
        j = world.below(i + 1)
        items[i], items[j] = items[j], items[i]
