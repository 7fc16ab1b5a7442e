"""A fixed amount of what Python programs do: integers, floats, strings, dictionaries, lists, calls."""


class Node:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right

    def total(self):
        return self.value + sum(child.total() for child in (self.left, self.right) if child)


def tree(depth):
    return Node(depth, tree(depth - 1), tree(depth - 1)) if depth else Node(1)


def sieve(limit):
    numbers = bytearray([1]) * limit
    for n in range(2, int(limit**0.5) + 1):
        if numbers[n]:
            numbers[n * n :: n] = bytes(len(range(n * n, limit, n)))
    return sum(numbers) - 2


def mandelbrot(size):
    inside = 0
    for y in range(size):
        for x in range(size):
            c = complex(3 * x / size - 2, 2 * y / size - 1)
            z = 0j
            for _ in range(40):
                z = z * z + c
                if abs(z) > 2:
                    break
            else:
                inside += 1
    return inside


def words(count):
    seen = {}
    for n in range(count):
        word = f"{n * 7919 % 1009:x}".upper()
        seen[word] = seen.get(word, 0) + len(word)
    return sum(sorted(seen.values())[-100:]) + len(" ".join(seen).split("A"))


print(sieve(100000), mandelbrot(48), words(30000), tree(11).total(), 3**3000 % 1000007)
