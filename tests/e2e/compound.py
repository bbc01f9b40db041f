"""Compound files (MS-CFB, version 3) and encrypted packages (MS-OFFCRYPTO) written by hand, so that they can lie."""
import base64
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

END, FREE, FATSECT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def padded(data, size):
    return data + bytes(-len(data) % size)


def chain(table, first, count):
    """Enter a chain of `count` sectors from `first` on."""
    table += [first + i + 1 for i in range(count - 1)] + [END] * (count > 0)


def table_of(numbers):
    table = struct.pack(f"<{len(numbers)}I", *numbers)
    return table + b"\xff" * (-len(table) % 512)


def entry(name, kind, left, right, child, start, size):
    raw = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, left, right, child, b"", 0, 0, 0, start, size)


def compound(streams):
    """Return a compound file with these streams (name -> bytes) in its root; those under 4096 bytes go to the mini stream."""
    mini_fat, mini, fat, body, starts = [], b"", [], b"", {}
    for name, data in streams.items():
        if len(data) < 4096:
            starts[name] = len(mini) // 64
            chain(mini_fat, starts[name], len(padded(data, 64)) // 64)
            mini += padded(data, 64)
    entries = list(streams.items())
    blocks = [(name, data) for name, data in entries if len(data) >= 4096]
    blocks += [("mini stream", mini), ("mini table", table_of(mini_fat))]
    for name, data in blocks:
        starts[name] = len(fat) if data else END
        chain(fat, len(fat), len(padded(data, 512)) // 512)
        body += padded(data, 512)
    directory = entry("Root Entry", 5, FREE, FREE, 1 if entries else FREE, starts["mini stream"], len(mini))
    for i, (name, data) in enumerate(entries):
        right = i + 2 if i + 1 < len(entries) else FREE
        directory += entry(name, 2, FREE, right, FREE, starts[name] if data else END, len(data))
    at_directory = len(fat)
    chain(fat, at_directory, len(padded(directory, 512)) // 512)
    body += padded(directory, 512)
    at_fat, n = len(fat), 1
    while (len(fat) + n) > 128 * n:
        n += 1
    assert n <= 109
    fat += [FATSECT] * n
    body += table_of(fat)
    difat = [at_fat + i for i in range(n)] + [FREE] * (109 - n)
    header = MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, n, at_directory, 0, 4096, starts["mini table"], (len(mini_fat) + 127) // 128, END, 0)
    return header + struct.pack("<109I", *difat) + body


# ---- encryption ------------------------------------------------------------------------------------------

VERIFIER, VERIFIER_HASH, KEY = (bytes.fromhex(x) for x in ("fea7d2763b4b9e79", "d7aa0f6d3061344e", "146e0be7abacd0d6"))
HMAC_KEY, HMAC_VALUE = bytes.fromhex("5fb2ad010cb9e1f6"), bytes.fromhex("a0677f02b22c8433")


def aes(key, data, iv=None):
    e = Cipher(algorithms.AES(key), modes.CBC(iv) if iv else modes.ECB()).encryptor()
    return e.update(padded(data, 16)) + e.finalize()


def fit(data, n):
    return (data + b"\x36" * n)[:n]


def spin(h, salt, password, rounds):
    key = h(salt + password.encode("utf-16-le")).digest()
    for i in range(rounds):
        key = h(struct.pack("<I", i) + key).digest()
    return key


def agile(package, password, bits=256, name="SHA512", rounds=1000, claim=None, damage=False, with_hmac=True):
    """Return the streams of an agile encrypted package; `claim` is the spinCount that is written, if it is another."""
    h = getattr(hashlib, name.lower())
    data_salt, salt, secret = bytes(range(16)), bytes(range(16, 32)), bytes(range(100, 100 + bits // 8))
    stream = struct.pack("<Q", len(package))
    for i in range(0, len(package), 4096):
        stream += aes(secret, package[i:i + 4096], fit(h(data_salt + struct.pack("<I", i // 4096)).digest(), 16))
    if damage:
        stream = stream[:-1] + bytes([stream[-1] ^ 1])
    base = spin(h, salt, password, rounds)

    def locked(what, value):
        return base64.b64encode(aes(fit(h(base + what).digest(), bits // 8), value, salt)).decode()

    def checked(what, value):
        return base64.b64encode(aes(secret, value, fit(h(data_salt + what).digest(), 16))).decode()
    kind = (f'saltSize="16" blockSize="16" keyBits="{bits}" hashSize="{h().digest_size}" cipherAlgorithm="AES" '
            f'cipherChaining="ChainingModeCBC" hashAlgorithm="{name}"')
    verifier, key = b"verify me please", bytes(range(50, 50 + h().digest_size))
    honest = stream if not damage else stream[:-1] + bytes([stream[-1] ^ 1])
    integrity = (f'<dataIntegrity encryptedHmacKey="{checked(HMAC_KEY, key)}" '
                 f'encryptedHmacValue="{checked(HMAC_VALUE, hmac.new(key, honest, h).digest())}"/>') if with_hmac else ""
    info = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" '
            'xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
            f'<keyData {kind} saltValue="{base64.b64encode(data_salt).decode()}"/>{integrity}'
            '<keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
            f'<p:encryptedKey spinCount="{claim or rounds}" {kind} saltValue="{base64.b64encode(salt).decode()}" '
            f'encryptedVerifierHashInput="{locked(VERIFIER, verifier)}" '
            f'encryptedVerifierHashValue="{locked(VERIFIER_HASH, h(verifier).digest())}" '
            f'encryptedKeyValue="{locked(KEY, secret)}"/></keyEncryptor></keyEncryptors></encryption>')
    return {"EncryptionInfo": struct.pack("<HHI", 4, 4, 0x40) + info.encode(), "EncryptedPackage": stream}


def standard(package, password, bits=128):
    """Return the streams of a package with the standard encryption of Office 2007."""
    salt, verifier = bytes(range(16)), b"verify me please"
    last = hashlib.sha1(spin(hashlib.sha1, salt, password, 50000) + bytes(4)).digest()
    key = b"".join(hashlib.sha1(bytes(b ^ c for b in last) + bytes([c]) * 44).digest() for c in (0x36, 0x5C))[:bits // 8]
    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider".encode("utf-16-le") + b"\0\0"
    header = struct.pack("<8I", 0x24, 0, {128: 0x660E, 192: 0x660F, 256: 0x6610}[bits], 0x8004, bits, 0x18, 0, 0) + provider
    info = struct.pack("<HHII", 4, 2, 0x24, len(header)) + header
    info += struct.pack("<I16s16sI32s", 16, salt, aes(key, verifier), 20, aes(key, hashlib.sha1(verifier).digest()))
    return {"EncryptionInfo": info, "EncryptedPackage": struct.pack("<Q", len(package)) + aes(key, package)}


# ---- old workbooks (MS-XLS) --------------------------------------------------------------------------------


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def unicode(text, width=2):
    wide = any(ord(c) > 255 for c in text)
    raw = text.encode("utf-16-le" if wide else "latin-1")
    return len(raw[::2] if wide else raw).to_bytes(width, "little") + bytes([wide]) + raw


def old_sheet(cells):
    return record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 6)) + cells + record(0x0A)


def cell(kind, row, col, data, xf=0):
    return record(kind, struct.pack("<HHH", row, col, xf) + data)


def old_book(sheets, more=b"", strings=b""):
    """Return the stream Workbook of an xls file; sheets: (name, state, kind, records); strings: records of the shared strings."""
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6)) + more
    at = len(head) + sum(len(record(0x85, bytes(6) + unicode(name, 1))) for name, *_ in sheets) + len(strings) + 4
    body = b""
    for name, state, kind, cells in sheets:
        head += record(0x85, struct.pack("<IBB", at + len(body), state, kind) + unicode(name, 1))
        body += cells
    return head + strings + record(0x0A) + body
