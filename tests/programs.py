# ruff: noqa: E501
"""Cells of common notebooks, which the checks pass. Each runs in the namespace of `tests.cells`."""

from __future__ import annotations

PROGRAMS: tuple[str, ...] = (
    """\
import matplotlib.pyplot as plt
fig, ax = plt.subplots(1, 2, figsize=(8, 4), sharey=True)
ax[0].hist(penguins['body_mass_g'], bins=5, edgecolor='black')
ax[1].scatter(penguins['year'], penguins['body_mass_g'], c='red', alpha=0.5, label='p')
ax[0].set_xlabel('m')
ax[1].set(title='t', xlabel='x')
plt.tight_layout()
plt.show()
""",
    """\
import matplotlib.pyplot as plt
plt.figure(figsize=(10, 6))
plt.bar(list(prices), list(prices.values()), color='skyblue')
plt.xlabel('Fruit', fontsize=12)
plt.ylabel('Price')
plt.title('Prices')
plt.xticks(rotation=45, ha='right')
plt.grid(True, axis='y', linestyle='--')
plt.legend(['a'], loc='upper left')
plt.savefig('p.png', dpi=100, bbox_inches='tight')
plt.close()
""",
    """\
import matplotlib.pyplot as plt
penguins.plot(kind='scatter', x='year', y='body_mass_g', figsize=(4, 4), title='T')
penguins.plot.bar(x='species', y='year', rot=0, legend=False)
penguins['body_mass_g'].plot.hist(bins=3)
penguins.boxplot(column='body_mass_g', by='species')
penguins.hist(column='body_mass_g')
ax = penguins.groupby('species')['body_mass_g'].mean().plot(kind='bar')
ax.set_ylabel('g')
plt.close('all')
""",
    """\
import matplotlib.pyplot as plt
import matplotlib.dates as mdates
from matplotlib.ticker import FuncFormatter, PercentFormatter
from mpl_toolkits.mplot3d import Axes3D
fig = plt.figure()
ax = fig.add_subplot(111, projection='3d')
ax.plot([1], [2], [3])
fig, ax = plt.subplots()
plt.imshow(np.zeros((2, 2)), cmap='viridis', aspect='auto')
plt.colorbar()
plt.pie([1, 2], labels=['a', 'b'], autopct='%1.1f%%', startangle=90)
plt.axhline(y=1, color='r')
plt.text(0, 0, 'x', ha='center')
plt.annotate('a', xy=(0, 0), xytext=(1, 1), arrowprops=dict(arrowstyle='->'))
plt.fill_between([0, 1], [0, 1], alpha=0.3)
plt.cm.tab10(0)
plt.rcParams['figure.figsize'] = (4, 4)
plt.style.use('ggplot')
plt.close('all')
""",
    """\
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.metrics import mean_squared_error, r2_score
X = penguins[['bill_length_mm', 'year']]
y = penguins['body_mass_g']
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.34, random_state=42)
model = LinearRegression()
model.fit(X_train, y_train)
print(model.score(X_train, y_train), model.coef_, model.intercept_)
pred = model.predict(X_test)
print(mean_squared_error(y_test, pred))
""",
    """\
from sklearn.pipeline import make_pipeline, Pipeline
from sklearn.preprocessing import StandardScaler, OneHotEncoder
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
pre = ColumnTransformer([('num', StandardScaler(), ['year', 'body_mass_g']), ('cat', OneHotEncoder(handle_unknown='ignore'), ['island'])])
clf = Pipeline([('pre', pre), ('rf', RandomForestClassifier(n_estimators=5, random_state=0))])
clf.fit(penguins, penguins['species'])
clf.named_steps['rf'].feature_importances_
""",
    """\
import statsmodels.api as sm
import statsmodels.formula.api as smf
X = sm.add_constant(penguins[['year']])
res = sm.OLS(penguins['body_mass_g'], X).fit()
print(res.params, res.rsquared)
m = smf.ols('body_mass_g ~ year', data=penguins).fit()
m.params['year']
""",
    """\
from scipy import stats
t, p = stats.ttest_ind([1, 2, 3], [2, 3, 4], equal_var=False)
print(stats.linregress([1, 2], [3, 4]).slope, stats.norm.cdf(1.96), stats.pearsonr([1, 2, 3], [1, 2, 4])[0])
""",
    """\
import scipy
scipy.stats.zscore([1, 2, 3])
""",
    """\
df = penguins.copy()
df['mass_kg'] = df['body_mass_g'].div(1000).round(2)
df['size'] = np.where(df['mass_kg'] > 4, 'big', 'small')
df['decade'] = (df['year'] // 10) * 10
df = df.sort_values(['size', 'mass_kg'], ascending=[True, False])
summary = df.groupby('size', as_index=False).agg(count=('species', 'count'), mean_kg=('mass_kg', 'mean'))
print(summary.to_string(index=False))
print(summary.loc[summary['mean_kg'].idxmax(), 'size'])
""",
    """\
counts = penguins['species'].value_counts()
for species, n in counts.items():
    print(f'{species:<10} {n:>3}')
print(counts.index[0], counts.iloc[0], counts.max(), counts['Adelie'])
""",
    """\
pivot = pd.pivot_table(penguins, values='body_mass_g', index='species', columns='island', aggfunc='mean', fill_value=0)
print(pivot.loc['Adelie', 'Biscoe'])
print(pivot['Biscoe'])
""",
    """\
ct = pd.crosstab(penguins['species'], penguins['island'], normalize='index')
ct['Biscoe']
""",
    """\
dates = pd.date_range('2020-01-01', periods=3, freq='D')
ts = pd.DataFrame({'v': [1, 2, 3]}, index=dates)
ts['month'] = ts.index.month
monthly = ts.resample('D')['v'].sum()
ts.loc['2020-01-02', 'v']
ts.rolling(2).mean()['v']
""",
    """\
penguins['date'] = pd.to_datetime(penguins['year'], format='%Y')
penguins['date'].dt.year.max()
penguins['species'].str.lower().str.replace('e', 'a', regex=False).str[0]
""",
    """\
melted = penguins.melt(id_vars=['species'], value_vars=['year', 'body_mass_g'], var_name='what', value_name='n')
melted.groupby('what')['n'].mean()['year']
""",
    """\
corr = penguins[['year', 'body_mass_g']].corr()
corr.loc['year', 'body_mass_g']
corr['year']
""",
    """\
corr = penguins.corr(numeric_only=True)
corr['year'].drop('year').abs().idxmax()
""",
    """\
top = penguins.loc[penguins['body_mass_g'].idxmax()]
print(top['species'], top.island, top.name)
""",
    """\
row = penguins.iloc[0]
row['species'], row.body_mass_g
first = penguins.iloc[0, 0]
""",
    """\
for row in penguins.itertuples():
    print(row.species, row.Index)
""",
    """\
records = penguins.to_dict('records')
print(records[0]['species'], sum(r['body_mass_g'] for r in records))
""",
    """\
d = penguins.set_index('species')['body_mass_g'].to_dict()
d['Adelie']
""",
    """\
by = dict(list(penguins.groupby('species')))
by['Adelie']['year']
""",
    """\
g = penguins.groupby('species')
g.get_group('Adelie')['year']
g.ngroups, g.groups, g['year'].transform('mean'), g.body_mass_g.max()
g[['year', 'body_mass_g']].mean()
g.apply(lambda t: t['year'].max())
g.first()['year']
""",
    """\
q = penguins['body_mass_g'].quantile([0.25, 0.75])
iqr = q[0.75] - q[0.25]
print(iqr)
""",
    """\
s = penguins['body_mass_g']
s[s > s.mean()].index.tolist()
s.iloc[0], s.loc[0], s[0]
s.name = 'mass'
s.rename('x').to_frame()['x']
""",
    """\
missing = penguins.isna().sum()
missing[missing > 0].sort_values(ascending=False)
missing['species']
""",
    """\
stock_value = {name: stock[name] * prices[name] for name in stock if name in prices}
best = max(stock_value, key=stock_value.get)
print(best, stock_value[best])
""",
    """\
from collections import defaultdict
groups = defaultdict(list)
for name in ['a', 'b']:
    groups[name].append(1)
print(groups['zzz'])
""",
    """\
graph = {'A': ['B'], 'B': []}
from collections import deque
queue = deque([('A', 0)])
seen = set()
while queue:
    node, dist = queue.popleft()
    if node in seen:
        continue
    seen.add(node)
    for other in graph[node]:
        queue.append((other, dist + 1))
print(seen)
""",
    """\
def dfs(node, graph, seen=None):
    seen = seen if seen is not None else set()
    seen.add(node)
    for n in graph.get(node, []):
        if n not in seen:
            dfs(n, graph, seen)
    return seen
dfs('A', {'A': ['B']})
""",
    """\
import heapq
heap = [(0, 'A')]
while heap:
    cost, node = heapq.heappop(heap)
    if cost < 2:
        heapq.heappush(heap, (cost + 1, node))
""",
    """\
from itertools import combinations
best = max(combinations(prices, 2), key=lambda pair: sum(price_of(p) for p in pair))
print(best)
""",
    """\
results = []
for name in prices:
    try:
        results.append((name, price_of(name)))
    except (KeyError, ValueError) as error:
        print(f'{name}: {error}')
results.sort(key=lambda item: item[1], reverse=True)
print(results[0][0])
""",
    """\
price = price_of('apple')
print(f'{price:.2f}', f'{price!r}', f'{price:>{10}}')
""",
    """\
text = 'a b'
words = text.split()
text = words
text.append('c')
""",
    """\
import re
m = re.search(r'(\\d+)', 'a1')
if m:
    print(m.group(1), m.start())
re.sub(r'\\s+', ' ', 'a  b', count=1, flags=re.I)
""",
    """\
import json
print(json.dumps({'a': 1}, indent=2, sort_keys=True, ensure_ascii=False))
json.loads('{}')
""",
    """\
import os, sys, time, random, string, itertools, functools, operator
random.seed(1)
random.choice(numbers)
os.getcwd()
os.environ.get('HOME')
time.time()
functools.reduce(operator.add, numbers, 0)
sys.version_info.major
""",
    """\
from pathlib import Path
Path('.').glob('*.csv')
p = Path('x') / 'y'
p.name, p.suffix
""",
    """\
from datetime import date, datetime, timedelta
d = date(2020, 1, 1) + timedelta(days=3)
d.isoformat(), d.strftime('%d'), datetime.strptime('2020', '%Y').year
(datetime(2020, 1, 2) - datetime(2020, 1, 1)).days
""",
    """\
import datetime as dt
dt.date.today().year
dt.datetime.now(dt.timezone.utc)
""",
    """\
from typing import List, Dict, Optional
def f(a: List[int], b: Optional[Dict[str, int]] = None) -> int:
    return len(a)
f([1])
""",
    """\
from dataclasses import dataclass, field
@dataclass
class Item:
    name: str
    price: float = 0.0
    tags: list = field(default_factory=list)
items = [Item('a', 1.0), Item(name='b')]
print(sorted(items, key=lambda i: i.price)[0].name)
""",
    """\
class Stack:
    def __init__(self):
        self._items = []
    def push(self, x):
        self._items.append(x)
        return self
    @property
    def top(self):
        return self._items[-1]
    @staticmethod
    def make(*items):
        s = Stack()
        for i in items:
            s.push(i)
        return s
    @classmethod
    def empty(cls):
        return cls()
s = Stack.make(1, 2)
s.push(3).push(4)
s.top, Stack.empty()
""",
    """\
penguins.to_json('x.json')
pd.read_json('x.json')
""",
    """\
arr = np.array([[1, 2], [3, 4]])
arr.sum(axis=1), arr.T @ arr, arr[:, 0], arr.reshape(-1), arr.astype(float).mean(), arr.max(axis=0).tolist()
np.dot(arr, arr), np.concatenate([arr, arr], axis=0), np.argsort(arr[:, 0])[::-1], np.unique(arr, return_counts=True)
np.polyfit([1, 2, 3], [1, 2, 3], 1), np.corrcoef([1, 2], [2, 3])[0, 1], np.cumsum(arr), np.std(arr, ddof=1)
np.nan, np.inf, np.pi, np.float64(1), np.int32(2), np.ndarray, np.newaxis
""",
    """\
rng = np.random.default_rng(seed=0)
rng.integers(0, 5, size=3), rng.choice([1, 2]), rng.normal(0, 1, 3)
np.random.randint(0, 5, 3), np.random.rand(2), np.random.choice([1], size=2, replace=True)
""",
    """\
mask = (penguins['year'] > 2007) & ~penguins['species'].isin(['Gentoo'])
sub = penguins.loc[mask, ['species', 'year']]
sub['species'].iloc[0]
penguins[mask]['island'].unique().tolist()
len(penguins[mask]), penguins[mask].shape[0]
""",
    """\
penguins.loc[penguins['species'] == 'Adelie', 'body_mass_g'] = 0
penguins.loc[len(penguins)] = ['X', 'Y', 1, 2, 3]
penguins.at[0, 'year'] = 1
penguins.at[0, 'year'], penguins.iat[0, 0]
""",
    """\
total = 0
for i in range(len(penguins)):
    total += penguins.iloc[i]['body_mass_g'] + penguins['year'][i] + penguins.loc[i, 'year']
print(total)
""",
    """\
merged = pd.merge(sales, stores, on='store', how='inner', indicator=True)
merged['_merge'].value_counts()
by_city = merged.groupby('city')['sales'].sum().reset_index().sort_values('sales', ascending=False)
print(by_city.iloc[0]['city'])
""",
    """\
sales.columns = [c.strip().lower().replace(' ', '_') for c in sales.columns]
sales['unit_price'].mean()
""",
    """\
df = sales
df['revenue'] = df['sales'] * df['Unit Price ']
print(sales['revenue'].sum())
""",
    """\
sales.rename(columns={'Unit Price ': 'price'}, inplace=True)
sales.eval('total = sales * price', inplace=True)
sales['total']
""",
    """\
clean = sales.rename(columns=lambda c: c.strip())
clean = clean.assign(total=clean['sales'] * clean['Unit Price'])
clean.total.sum()
""",
    """\
print('yes' if any(price_of(n) > 1 for n in prices) else 'no')
print(*[n for n in prices], sep='\\n')
print(len(text), text[0], text.upper().count('S'), text.replace('s', 'z'), text.index('t'), text.find('q'))
""",
    """\
x = [*numbers, *prices]
{**prices, 'kiwi': 1}
first, *rest = numbers
a, b = b, a = 1, 2
""",
    """\
def total(*names, tax=0.0, **more):
    return sum(price_of(n) for n in names) * (1 + tax)
total('apple', 'pear', tax=0.2, extra=1)
total(*prices)
""",
    """\
def apply(f, *args):
    return f(*args)
apply(price_of, 'apple')
list(map(price_of, prices))
list(filter(lambda n: price_of(n) > 1, prices))
sorted(prices, key=price_of)
func = price_of
func('apple')
""",
    """\
memo = {}
def fib(n):
    if n not in memo:
        memo[n] = n if n < 2 else fib(n - 1) + fib(n - 2)
    return memo[n]
print(fib(20))
""",
    """\
lines = '''a 1
b 2'''.splitlines()
pairs = [line.split() for line in lines]
d = {k: int(v) for k, v in pairs}
print(d['a'])
""",
    """\
result = {}
for name, price in prices.items():
    result.setdefault('all', []).append(price)
    result[name] = {'price': price}
print(result['apple']['price'], result['all'])
""",
    """\
assert price_of('apple') == 1.2, 'wrong'
raise_it = False
if raise_it:
    raise ValueError('x')
""",
    """\
i = 0
while True:
    i += 1
    if i > 3:
        break
else:
    i = None
print(i)
""",
    """\
try:
    value = price_of('plum')
except KeyError:
    value = None
else:
    value *= 2
finally:
    done = True
print(value, done)
""",
    "print(type(penguins), isinstance(penguins, pd.DataFrame), penguins.__class__.__name__, pd.__version__, np.__version__)",
    "help(price_of) if False else price_of.__doc__, price_of.__name__",
    "int('3') + float('2.5'), bool(0), complex(1, 2), bytes(3), chr(97), ord('a'), hex(3), bin(3), hash('a'), id(3), iter([]), next(iter([1]), None), reversed([1]), slice(1), all([]), callable(len), dir(), format(3, '.2f'), input if False else 1, map(str, [1]), object(), repr(1), set(), setattr, frozenset(), enumerate([], start=1), zip(), print",
    "'abc'.startswith(('a', 'b')), 'a-b'.partition('-'), 'x'.zfill(3), 'x'.center(5, '*'), 'a'.join([]), '%s' % 1, 'a'.encode('utf-8').decode(), 'A'.casefold(), 'a\\tb'.expandtabs(4), 'abc'.translate(str.maketrans('a', 'b')), 'x'.isdigit(), 'a b'.title()",
    "[1, 2].index(2), [3].pop(), [1].insert(0, 2), [1].extend([2]), [1].remove(1), [2, 1].sort(key=None), [1].count(1), (1, 2).index(2), {1}.union({2}, {3}), {1}.add(2), {1}.discard(9), {1} | {2}, {'a': 1}.pop('a', None), {'a': 1}.get('b', 0), dict.fromkeys('ab', 0), {'a': 1}.copy(), {'b': 1}.update(a=2), dict([('a', 1)])",
)
