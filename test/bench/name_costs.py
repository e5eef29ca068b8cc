#!/usr/bin/env python3
"""Estimates anew what sounds cost, for name_likeness.def and the last column of name_phone.def.

usage: name_costs.py NAMES [--from TABLES] [--folds]

NAMES holds token_pairs_dev.tsv (Bengali, Latin, count) and variants_*_dev.tsv; none of it is shipped. Attested pairs are
told from near neighbours (one consonant apart at most) of three uses or more that share no spelling, by a logistic model of the
operations that align them under the costs so far; costs stay near those of the tables where evidence is thin. Prints
the new costs beside the old, with how often each was seen; whoever takes them over writes them into the tables.
--from: a folder with the name_phone.def and name_likeness.def to start from, instead of those of the core. The core's were
estimated from all of NAMES, so only costs made before that say what estimating is worth: those made by hand are in
the history, in the parent of the commit that estimated them; losing a sound cost its weight then.
--folds: five parts by consonants, each estimated from the other four: attested pairs found at .5, 1 and 2 % of
neighbours accepted, by the costs started from and by the new; at last the mean by attested pairs.
"""
import collections, glob, math, os, random, re, subprocess, sys, tempfile, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
CORE = os.path.join(HERE, '../../extension/core')
TABLES = sys.argv[sys.argv.index('--from') + 1] if '--from' in sys.argv else CORE
ANY, ASIDE = 100, '-'
SAME = str.maketrans('KGXzJxTDNfBRS', 'kgsjjktdnpbrs')
VOWELS = '[aeiouOEAYWyw@hH~]'

name_of, letter_of, weight = {}, {}, {}
prior = {}
for m in re.finditer(r"^X\((\w+), '(.)', [^,]+, (\d+)(?:, (\d+))?\)", open(f'{TABLES}/name_phone.def').read(), re.M):
    name_of[m[2]], letter_of[m[1]], weight[m[2]] = m[1], m[2], int(m[3])
    prior[m[2] + ASIDE] = int(m[4] or m[3])
for m in re.finditer(r'^X\((\w+), (\w+), (\d+)\)', open(f'{TABLES}/name_likeness.def').read(), re.M):
    prior[''.join(sorted((letter_of[m[1]], letter_of[m[2]])))] = int(m[3])


def sounds(pairs):
    """What each word sounds like; words that are several, or initials, are left out."""
    with tempfile.TemporaryDirectory() as work:
        program, rows = os.path.join(work, 'name_scores'), os.path.join(work, 'rows')
        sources = [f for f in glob.glob(f'{CORE}/name_*.c')] + [f'{CORE}/utf8.c', f'{HERE}/name_scores.c']
        subprocess.run(['cc', '-O2', '-I', CORE, *sources, '-o', program], check=True)
        heard = {}
        for word in sorted({w for a, b, _ in pairs for w in (a, b)}):
            heard[word] = None
        words = list(heard)
        for at in range(0, len(words), 10000):
            with open(rows, 'w') as out:
                out.writelines(f'{w}\t{w}\n' for w in words[at:at + 10000])
            for line in subprocess.run([program, rows, 'keys'], capture_output=True, text=True, check=True).stdout.splitlines():
                text, _, _, phones = line.split('\t')
                heard[text] = None if text in heard and heard[text] else phones
        return {w: p for w, p in heard.items() if p}


def align(a, b, cost):
    table = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        table[i + 1][0] = table[i][0] + cost[x + ASIDE]
    for j, y in enumerate(b):
        table[0][j + 1] = table[0][j] + cost[y + ASIDE]
    change = lambda x, y: 0 if x == y else cost.get(x + y if x < y else y + x, ANY)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = min(table[i][j] + change(x, y), table[i][j + 1] + cost[x + ASIDE],
                                      table[i + 1][j] + cost[y + ASIDE])
    used, i, j = collections.Counter(), len(a), len(b)
    while i or j:
        if i and j and abs(table[i][j] - table[i - 1][j - 1] - change(a[i - 1], b[j - 1])) < 1e-6:
            i, j = i - 1, j - 1
            if a[i] != b[j]:
                used[min(a[i], b[j]) + max(a[i], b[j])] += 1
        elif i and abs(table[i][j] - table[i - 1][j] - cost[a[i - 1] + ASIDE]) < 1e-6:
            i -= 1
            used[a[i] + ASIDE] += 1
        else:
            j -= 1
            used[b[j] + ASIDE] += 1
    return table[-1][-1], used


def heavier(a, b):
    return max(sum(weight[c] for c in a), sum(weight[c] for c in b), 1)


def prepare(examples, cost):
    rows = []
    for a, b, share, attested in examples:
        distance, used = align(a, b, cost)
        h = heavier(a, b)
        if distance / h <= .6:
            rows.append((share, attested, [(q, v / h) for q, v in used.items()]))
    return rows


def estimate(examples):
    cost = dict(prior)
    for _ in range(2):
        rows, chance = prepare(examples, cost), random.Random(1)
        balance = sum(r[0] for r in rows if r[1]) / max(1, sum(r[0] for r in rows if not r[1]))
        alpha, beta = 5.0, 25.0
        for epoch in range(25):
            chance.shuffle(rows)
            rate = 1.5 / (1 + epoch * .1)
            for share, attested, used in rows:
                z = alpha - beta * sum(cost.get(q, ANY) * v for q, v in used)
                slope = (attested - 1 / (1 + math.exp(-max(-30, min(30, z))))) * share * (1 if attested else balance)
                alpha += rate * slope * .01
                for q, v in used:
                    cost[q] = min(130, max(1, cost.get(q, ANY) - rate * slope * v * beta * 8))
            for q in cost:
                cost[q] += .004 * rate * (prior.get(q, ANY) - cost[q])
    return cost


def found(examples, cost):
    far = {0: [], 1: []}
    for a, b, _, attested in examples:
        far[attested].append(align(a, b, cost)[0] / heavier(a, b))
    strangers = sorted(far[0])
    return [sum(d < strangers[int(len(strangers) * q)] for d in far[1]) / len(far[1]) for q in (.005, .01, .02)]


def read(names):
    pairs = []
    for f in [f'{names}/token_pairs_dev.tsv', *sorted(glob.glob(f'{names}/variants_*_dev.tsv'))]:
        pairs += [(a, b, int(n)) for a, b, n in (line.rstrip('\n').split('\t')[:3] for line in open(f, encoding='utf8'))]
    heard, shares, uses = sounds(pairs), collections.defaultdict(set), collections.Counter()
    for a, b, n in pairs:
        shares[a].add(b); shares[b].add(a)
        uses[a] += n; uses[b] += n
    attested = [(heard[a], heard[b], min(3, 1 + .5 * math.log(n)), 1) for a, b, n in pairs
                if a in heard and b in heard and heard[a] != heard[b]]
    near = collections.defaultdict(set)
    for word in heard:
        bones = re.sub(VOWELS, '', heard[word]).translate(SAME)
        if uses[word] >= 3 and len(heard[word]) >= 3:
            for key in {bones, *(bones[:i] + c + bones[i + 1:] for i in range(len(bones)) for c in ('', '*'))}:
                near[key].add(word)
    strangers = set()
    for words in near.values():
        for a in words:
            for b in words:
                one, other = shares[a] | {a}, shares[b] | {b}
                if a < b and heard[a] != heard[b] and not one & other and not any(shares[x] & other for x in one):
                    strangers.add((min(heard[a], heard[b]), max(heard[a], heard[b]), 1.0, 0))
    return [e for e in attested + sorted(strangers) if align(e[0], e[1], prior)[0] / heavier(e[0], e[1]) <= .5]


examples = read(sys.argv[1])
if '--folds' in sys.argv:
    part = lambda e: zlib.crc32(re.sub(VOWELS, '', e[0]).lower().encode()) % 5
    shares, sums = lambda found: ' '.join('%.3f' % f for f in found), [0] * 7
    for k in range(5):
        cost, held = estimate([e for e in examples if part(e) != k]), [e for e in examples if part(e) == k]
        old, new, attested = found(held, prior), found(held, cost), sum(e[3] for e in held)
        sums = [s + attested * f for s, f in zip(sums, old + new + [1])]
        print('part', k, 'old', shares(old), 'new', shares(new), flush=True)
    print('mean', 'old', shares(s / sums[6] for s in sums[:3]), 'new', shares(s / sums[6] for s in sums[3:6]))
seen = collections.Counter((q, row[1]) for row in prepare(examples, prior) for q, _ in row[2])
for q, c in sorted(estimate(examples).items(), key=lambda t: -seen[t[0], 1] - seen[t[0], 0]):
    if seen[q, 1] + seen[q, 0] >= 20:
        print(name_of[q[0]], name_of.get(q[1], 'lost'), 'old', prior.get(q, ANY), 'new', round(c), 'attested', seen[q, 1],
              'strangers', seen[q, 0])
