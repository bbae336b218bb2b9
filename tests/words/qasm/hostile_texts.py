"""Texts that are nearly programs: valid ones with characters, words and pieces changed, and piles of brackets."""

from __future__ import annotations

import random
import re

PROGRAMS = (
    """OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input angle phi;
const int n = 2 + 1;
const float[64] half = pi/2;
qubit[n] q;
qubit r;
bit[n] c;
gate pair(a, b) s, t { rx(a*0.5 - b) s; ctrl @ rz(sin(b)) s, t; gphase(-a/4); }
let all = q[0:1] ++ r;
/* a comment */ h q; // and another
pair(theta, half) q[0], q[-1];
ctrl(2) @ negctrl @ inv @ pow(2) @ rx(theta*phi**2 - 3) q[0], q[1], q[2], r;
pow(0.5) @ swap q[{0, 2}][0], r;
cx all[0], all[1:2];
U(1e-3, .5, 2.) all[2];
barrier q, r;
c = measure q;
""",
    """OPENQASM 2.0;
include "qelib1.inc";
gate twice(a,b) s,t { u3(a,b,-a^2) s; cx s,t; barrier s,t; u1(cos(a)/3) t; }
qreg q[3]; qreg r[3];
creg c[3];
reset q[0];
h q; cx q,r; twice(pi/2,ln(2.5)) q[0],r[1];
U(0,0,-pi) q[2]; CX q[0],r; cu3(1,2,3e-1) q[1],q[0]; rccx q[0],q[1],q[2];
barrier q;
measure q -> c; measure r[0]->c[0];
""",
    "OPENQASM 3;\nU(0.1, 0.2, 0.3) $0;\nctrl @ gphase(pi) $1;\ngate rzz(theta) a, b { }\n",
)
_WORDS = r"""
( ) [ ] { } ; , : @ = + - * / % ** ^ ++ -> ' " $ . # \ // /* */ é 𝜃
qubit bit gate input output const let if for while def measure reset barrier include opaque pragma box
pow(-1)@ pow(0.5)@ ctrl(3)@ pow(1e300)@ ctrl(99999999999)@ ctrl@ negctrl@ inv@
q r c theta phi pi τ x h cx rx gphase U CX q[0] q[-7] q[0:2] q[5:-1:0] q[{0,1}] $0 $99999 sin( pow( int(
0 1 2 -1 1e99999 1e308 0x7fffffffffffffff 999999999999999999 0b1 1_0 .5 5. 1.5e-3 3ns 2im 1/0 0**-1
(-2)**0.5 sqrt(-1) log(0) arccos(2) exp(1000) 2**2**2**2**9 tan(pi/2) theta/theta theta**60 mod(1,0)
"""
_NUMBERS = "0 1 2 3 7 -1 1e3 1e99999 1e308 0x7fffffffffffffff 999999999999999999 0b1 .5 5. pi theta n half 10**9"
WORDS = (
    *_WORDS.split(),
    "qubit[1000000000] big;",
    "gate a(t) s { rx(t) s; } gate b(t) s { a(t*t) s; a(t) s; } b(theta) q[0];",
    'include "/etc/passwd";',
    "\0",
    "\n",
    "\t",
    "\u202e",
    "\ud800",
)
NUMBERS = tuple(_NUMBERS.split())
PIECE = re.compile(r"[^\W\d]\w*|[\d.]+(?:e-?\d+)?|\S")


def hostile_text(rng: random.Random) -> str:
    """Return one text; most are refused, and some are programs still."""
    text = rng.choice(PROGRAMS)
    head = text.split("h q")[0]
    kind = rng.randrange(10)
    if kind == 0:
        return head + "".join(rng.choice(WORDS) + rng.choice(("", " ", ";\n")) for _ in range(rng.randrange(40)))
    if kind == 1:
        middle = rng.choice(("(", "-", "[", "{", "sin(", "2**", "ctrl @ ", "q[", "theta*", "/*", "gate g a {"))
        return head + rng.choice(("", "rx(", "h q")) + middle * rng.randrange(1, 3000)
    if kind == 2:
        first, *pieces = text.split(";")
        rng.shuffle(pieces)
        return ";".join([first, *pieces])
    if kind == 3:
        text = text[: rng.randrange(len(text))]
    if kind <= 5:
        return _with_other_characters(rng, text)
    return _with_other_pieces(rng, text)


def _with_other_characters(rng: random.Random, text: str) -> str:
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        place = rng.randrange(len(text) + 1)
        end = min(len(text), place + rng.choice((0, 0, 1, 1, 3, 20)))
        if rng.random() < 0.3:
            start = rng.randrange(len(text) + 1)
            new = text[start : start + rng.randrange(1, 60)]
        else:
            new = rng.choice(WORDS)
        text = text[:place] + new + text[end:]
    return text


def _with_other_pieces(rng: random.Random, text: str) -> str:
    """Numbers become other numbers, and names other names of the same text."""
    pieces = list(PIECE.finditer(text))
    names = [piece.group() for piece in pieces if piece.group()[0].isalpha()]
    for _ in range(rng.choice((1, 1, 2, 4))):
        piece = rng.choice(pieces[3:])
        new = rng.choice(NUMBERS if piece.group()[0].isdigit() else names if piece.group()[0].isalpha() else WORDS)
        text = text[: piece.start()] + new + text[piece.end() :]
        pieces = list(PIECE.finditer(text))
    return text
