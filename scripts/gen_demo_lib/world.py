"""Who exists: organisations and people with one true name, number and address each, and the ways they get misspelled."""
import random
import re
import unicodedata

from . import words as w
from .writers import Lexical, Link

NBSP = "\u00a0"


def unaccent(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def name_key(name):
    """The name without legal suffix, case, accents, punctuation and the `&`/and difference."""
    words = re.sub(r"[^a-z0-9]+", " ", unaccent(name).lower().replace("&", " and ")).split()
    while words and words[-1] in w.LEGAL_WORDS:
        words.pop()
    return " ".join(words)


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", unaccent(text).lower().replace("&", "")).strip("-")


class Person:
    __slots__ = ("first", "last", "role", "email", "mobile", "emails", "phones")


class Entity:
    __slots__ = ("id", "kind", "word", "type", "base", "suffix", "province", "town", "domain", "mail", "main",
                 "people", "alias", "rows", "address", "planes")

    def __init__(self, number, kind):
        self.id, self.kind, self.rows, self.alias = f"e{number:06d}", kind, 0, None

    @property
    def name(self):
        return f"{self.base} {self.suffix}" if self.suffix else self.base


class World:
    """All entities, and how each is spelled, phoned and mailed; one random stream."""

    def __init__(self, seed, count):
        self.rnd = random.Random(seed * 1000003 + count).random
        self.names, self.domains, self.numbers, self.entities = set(), set(), set(), []

    def below(self, n):
        return int(self.rnd() * n)

    def pick(self, items):
        return items[int(self.rnd() * len(items))]

    def chance(self, p):
        return self.rnd() < p

    def word(self):
        text = self.pick(w.ONSET) + self.pick(w.MIDDLE) + self.pick(w.CODA)
        if self.chance(0.05):
            for plain, accented in (("e", "é"), ("o", "ö"), ("u", "ü")):
                if plain in text[1:]:
                    return text[0] + text[1:].replace(plain, accented, 1)
        return text

    def number(self, prefixes):
        while True:
            e164 = "+27" + self.pick(prefixes)[1:] + "%07d" % self.below(10**7)
            if e164 not in self.numbers:
                self.numbers.add(e164)
                return e164

    def new_base(self, e):
        r, word, trade = self.rnd(), e.word, e.type
        if r < 0.10:
            return f"{word} {self.pick(['&', 'and'])} {self.word()} {trade}"
        if r < 0.14:
            return f"{word}-{self.word()} {trade}"
        if r < 0.17:
            return f"{word}'s {trade}"
        if r < 0.27:
            return f"{e.town} {word} {trade}"
        return f"{word} {trade}"

    def entity(self, kind):
        """A new organisation with a name, domain and numbers that no other one has."""
        e = Entity(len(self.entities) + 1, kind)
        e.province, _, towns, codes = self.pick(w.PROVINCE_DRAW)
        e.town, e.type = self.pick(towns), self.pick(w.TYPES[kind])
        while True:
            e.word = self.word()
            e.base = self.new_base(e)
            if name_key(e.base) not in self.names:
                break
        self.finish(e, codes)
        return e

    def finish(self, e, codes):
        self.names.add(name_key(e.base))
        e.suffix = self.pick(w.SUFFIXES) if self.chance(0.55) else ""
        r = self.rnd()
        e.domain = self.new_domain(e.base) if r < 0.80 else None
        e.mail = e.domain or (self.pick(w.FREEMAIL) if r < 0.94 else None)
        e.main = self.number(codes if self.chance(0.95) else ["087"])
        e.people = [self.person(e) for _ in range(1 + (self.chance(0.45)) + (self.chance(0.15)))]
        e.address = f"{1 + self.below(240)} {self.pick(w.STREETS)} {self.pick(['Road', 'Street', 'Avenue'])}, {e.town}"
        e.planes = "; ".join(sorted({self.pick(w.FLEET) for _ in range(1 + self.below(4))})) if e.kind in ("school", "charter") else None
        self.entities.append(e)

    def new_domain(self, base):
        stem, n = slug(base), 1
        while (domain := f"{stem if n == 1 else stem + str(n)}.{'test' if self.chance(0.2) else 'example'}") in self.domains:
            n += 1
        self.domains.add(domain)
        return domain

    def person(self, e):
        p = Person()
        p.first, p.last, p.role = self.pick(w.FIRST), self.pick(w.LAST), self.pick(w.ROLES)
        p.mobile, p.emails, p.phones = self.number(w.MOBILE), None, None
        if e.domain:
            local = f"{slug(p.first)}.{slug(p.last)}" if self.chance(0.7) else slug(p.first)
        else:  # no real mailbox looks like this
            local = f"{slug(e.word)}.{slug(p.first)}{1000 + self.below(9000)}.demo"
        p.email = f"{local}@{e.mail}" if e.mail else None
        return p

    def near_miss(self, other, nth):
        """Another organisation whose name looks like `other`, with its own domain and number."""
        e = Entity(len(self.entities) + 1, other.kind)
        e.province, _, towns, codes = self.pick([p for p in w.PROVINCES if p[0] != other.province])
        e.town = self.pick(towns)
        e.word, e.type = other.word, other.type
        while True:
            if nth % 3 == 0:    # one letter and a word apart
                e.base = self.typo(f"{other.word} {other.type}", len(other.word)) + " Services"
            elif nth % 3 == 1:  # a branch that is a company of its own
                e.base = f"{other.base} {e.town}"
            else:               # the sister trade
                e.type = self.pick([t for t in w.TYPES[other.kind] if t != other.type])
                e.base = f"{other.word} {e.type}"
            if name_key(e.base) not in self.names:
                break
            nth += 1
        self.finish(e, codes)
        return e

    def typo(self, text, limit=None):
        """One edit, not among the first three letters, that does not make another organisation's name."""
        spots = [i for i in range(3, (limit or len(text)) - 1) if text[i].isalpha() and text[i - 1].isalpha()]
        while True:
            i, letter, kind = self.pick(spots), self.pick("aeioulnrst"), self.below(4)
            if kind == 0:
                out = text[:i] + text[i + 1:]
            elif kind == 1:
                out = text[:i] + letter + text[i + 1:]
            elif kind == 2:
                out = text[:i] + letter + text[i:]
            else:
                out = text[:i - 1] + text[i] + text[i - 1] + text[i + 1:]
            if name_key(out) != name_key(text) and name_key(out) not in self.names:
                return out

    def same_name(self, e):
        """A spelling that differs only in suffix, case, accents, spacing, full stop or `&`/and."""
        suffix = self.pick(["", "", *w.SUFFIX_FORMS]) if self.chance(0.6) else e.suffix
        base = e.base
        if " & " in base or " and " in base:
            base = base.replace(" & ", " and ") if " & " in base else base.replace(" and ", " & ")
        if self.chance(0.6):
            base = unaccent(base)
        name = f"{base}{self.pick([' ', ' ', ', '])}{suffix}" if suffix else base
        for share, change in ((0.20, str.upper), (0.10, str.lower), (0.15, lambda n: n + " "), (0.10, lambda n: n + "."),
                              (0.08, lambda n: n.replace(" ", "  ", 1)), (0.08, lambda n: n.replace(" ", NBSP, 1))):
            if self.chance(share):
                return change(name)
        return name

    def spelled(self, e, style):
        if style == "typo":
            base = self.typo(e.base)
            return f"{base} {self.pick(w.SUFFIX_FORMS)}" if self.chance(0.3) else base
        if style == "alias":
            return self.alias(e)
        return self.same_name(e) if style == "same" else e.name

    def alias(self, e):
        """A trading name that has nothing in common with the registered one."""
        while e.alias is None:
            name = f"{self.word()} {self.pick(['Holdings', 'Enterprises', 'Skills Institute'])}"
            if name_key(name) not in self.names:
                self.names.add(name_key(name))
                e.alias = name
        return e.alias

    # ---- cells ----

    def website(self, e, must):
        """(cell, true website) of a row."""
        if not e.domain or not (must or self.chance(0.6)):
            return (self.pick([None, None, None, "-", "not available"]) if not e.domain else None), ""
        cell = self.pick(["https://www.%s", "www.%s", "http://%s/", "https://%s", "%s", "HTTP://WWW.%s"]) % e.domain
        return (Link(cell) if cell.startswith("http") else cell), f"https://{e.domain}"

    def emails(self, e, person, filler=0.0):
        """(cell, true addresses) of a row; `filler` is the share of example.com placeholders."""
        if self.chance(filler):
            return f"contact{1 + self.below(999)}@example.com", []
        if not person.email or self.chance(0.05):
            return self.pick([None, None, "-", "no email"]), []
        found = [person.email]
        if e.domain and self.chance(0.3):
            found = [f"{self.pick(['info', 'admin', 'office', 'bookings'])}@{e.domain}"]
        if e.domain and self.chance(0.08):
            found = found + [f"accounts@{e.domain}"]
        cell = self.pick(["; ", ";", ", "]).join(found)
        r = self.rnd()
        if r < 0.05:
            cell = cell.upper()
        elif r < 0.07:
            cell += "."
        elif r < 0.10:
            cell += " "
        return cell, found

    def phone_text(self, e164):
        n = "0" + e164[3:]
        a, b, c = n[:3], n[3:6], n[6:]
        return self.pick([f"{a} {b} {c}", f"{a} {b} {c}", f"+27 {a[1:]} {b} {c}", e164, n, f"({a}) {b}-{c}", f"{a}-{b}-{c}",
                          f"0027{n[1:]}", f"+27 (0){a[1:]} {b} {c}", f"+27(0){a[1:]} {b} {c}", f"{a}{NBSP}{b}{NBSP}{c}",
                          f"27{n[1:]}", n[1:], f"Tel: {a} {b} {c}"])

    def phone_number(self, e164):
        """A number cell: with country code, with the leading zero eaten, or as a float."""
        r = self.rnd()
        if r < 0.6:
            return int(e164[1:])
        if r < 0.8:
            return int(e164[3:])
        if r < 0.92:
            return Lexical(e164[1:] + ".0")
        return Lexical(f"{e164[1]}.{e164[2:].rstrip('0')}E{len(e164) - 2}")

    def phones(self, numbers, junk=0.05, numeric=0.12):
        """(cell, true numbers) of a row: one number in most cells, sometimes two, an extension, or nothing usable."""
        if not numbers or self.chance(junk):
            return self.pick(["-", "n/a", "tbc", "012 345", "000-000-0001", None, None]), []
        first = numbers[0]
        r = self.rnd()
        if r < numeric:
            return self.phone_number(first), [first]
        if r < numeric + 0.05 and len(numbers) > 1:
            cell = self.pick([" / ", "; ", " or "]).join(self.phone_text(n) for n in numbers[:2])
            return cell, list(numbers[:2])
        if r < numeric + 0.09:
            n = "0" + first[3:]
            return f"{n[:3]} {n[3:6]} {n[6:]} {self.pick(['x', 'ext '])}{10 + self.below(90)}", [first]
        return self.phone_text(first), [first]
