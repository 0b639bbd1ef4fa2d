"""AES-256-GCM (FIPS 197, NIST SP 800-38D) with 12-byte nonces, for checking test vectors and nothing else:
Python's standard library has no AES. It is slow, and its running time tells the key.
"""

import hmac


def _double(byte):
    return (byte << 1) ^ (0x11B if byte & 0x80 else 0)


def _make_sbox():
    """The inverse in GF(2^8), then the affine map of FIPS 197 §5.1.1: 3 generates the field's units."""
    powers = [1]
    for _ in range(254):
        powers.append(powers[-1] ^ _double(powers[-1]))
    inverse = {powers[i]: powers[-i % 255] for i in range(255)}
    box = []
    for byte in range(256):
        value = inverse.get(byte, 0)
        box.append(0x63 ^ value ^ _rotated(value, 1) ^ _rotated(value, 2) ^ _rotated(value, 3) ^ _rotated(value, 4))
    return box


def _rotated(byte, by):
    return (byte << by | byte >> (8 - by)) & 0xFF


_SBOX = _make_sbox()


def _expand(key):
    words, round_constant = [key[i : i + 4] for i in range(0, 32, 4)], 1
    while len(words) < 60:
        word = words[-1]
        if len(words) % 8 == 0:
            word = bytes(_SBOX[byte] for byte in word[1:] + word[:1])
            word = bytes([word[0] ^ round_constant]) + word[1:]
            round_constant = _double(round_constant)
        elif len(words) % 8 == 4:
            word = bytes(_SBOX[byte] for byte in word)
        words.append(bytes(a ^ b for a, b in zip(words[-8], word)))
    return [b"".join(words[i : i + 4]) for i in range(0, 60, 4)]


def _mix(column):
    a, b, c, d = column
    total = a ^ b ^ c ^ d
    return [x ^ total ^ _double(x ^ y) for x, y in ((a, b), (b, c), (c, d), (d, a))]


def _encrypt_block(round_keys, block):
    state = [a ^ b for a, b in zip(block, round_keys[0])]
    for number, round_key in enumerate(round_keys[1:], 1):
        # SubBytes and ShiftRows in one: byte i of the new state comes from row i % 4, shifted that far.
        state = [_SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 14:
            state = sum((_mix(state[i : i + 4]) for i in range(0, 16, 4)), [])
        state = [a ^ b for a, b in zip(state, round_key)]
    return bytes(state)


def _multiply(x, y):
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
    return product


def _padded(data):
    return data + bytes(-len(data) % 16)


def _tag(round_keys, nonce, ciphertext, aad):
    key = int.from_bytes(_encrypt_block(round_keys, bytes(16)), "big")
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    blocks, hashed = _padded(aad) + _padded(ciphertext) + lengths, 0
    for i in range(0, len(blocks), 16):
        hashed = _multiply(hashed ^ int.from_bytes(blocks[i : i + 16], "big"), key)
    mask = _encrypt_block(round_keys, nonce + b"\0\0\0\1")
    return bytes(a ^ b for a, b in zip(hashed.to_bytes(16, "big"), mask))


def _counter_mode(round_keys, nonce, data):
    out = bytearray()
    for i in range(0, len(data), 16):
        stream = _encrypt_block(round_keys, nonce + (i // 16 + 2).to_bytes(4, "big"))
        out += bytes(a ^ b for a, b in zip(data[i : i + 16], stream))
    return bytes(out)


def encrypt(key, nonce, message, aad):
    """Returns the ciphertext and the 16-byte tag."""
    round_keys = _expand(key)
    ciphertext = _counter_mode(round_keys, nonce, message)
    return ciphertext + _tag(round_keys, nonce, ciphertext, aad)


def decrypt(key, nonce, sealed, aad):
    """Returns the message, or None when the tag does not fit."""
    round_keys = _expand(key)
    ciphertext, tag = sealed[:-16], sealed[-16:]
    if len(sealed) < 16 or not hmac.compare_digest(tag, _tag(round_keys, nonce, ciphertext, aad)):
        return None
    return _counter_mode(round_keys, nonce, ciphertext)
