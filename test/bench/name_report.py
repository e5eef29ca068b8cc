#!/usr/bin/env python3
"""The figures of name matching in one table, without a server.

usage: name_report.py SHARED [--threshold 0.75]

SHARED holds data/names/*_dev.tsv and bench/names_eval.py. Builds name_scores, scores all pairs of the three sets and hands
them to names_eval.py; then the share of spelling variants that reach the threshold. Refuses to judge: it prints.
"""
import argparse, os, subprocess, sys, tempfile

parser = argparse.ArgumentParser()
parser.add_argument('shared')
parser.add_argument('--threshold', type=float, default=0.75)
options = parser.parse_args()
here = os.path.dirname(os.path.abspath(__file__))
core = os.path.join(here, '../../extension/core')
names = os.path.join(options.shared, 'data/names')

with tempfile.TemporaryDirectory() as work:
    program = os.path.join(work, 'name_scores')
    sources = [os.path.join(core, f) for f in sorted(os.listdir(core)) if f.startswith('name_') and f.endswith('.c')]
    subprocess.run(['cc', '-O2', '-I', core, os.path.join(here, 'name_scores.c'), *sources,
                    os.path.join(core, 'utf8.c'), '-o', program], check=True)
    for what in ('person', 'wiki', 'place'):
        pairs = os.path.join(names, what + '_pairs_dev.tsv')
        scores = os.path.join(work, what)
        with open(scores, 'w') as out:
            subprocess.run([program, pairs], stdout=out, check=True)
        subprocess.run([sys.executable, os.path.join(options.shared, 'bench/names_eval.py'), pairs, '--scores', scores],
                       check=True)
    for what in ('variants_bn_bn_dev', 'variants_latin_latin_dev'):
        rows = subprocess.run([program, os.path.join(names, what + '.tsv'), 'rows'], capture_output=True, text=True,
                              check=True).stdout.splitlines()
        reached = sum(float(row.split('\t')[0]) >= options.threshold for row in rows)
        print(f'{what}: {reached} of {len(rows)} = {reached / len(rows):.4f} at {options.threshold}')
