package io.javisor.devices.pic;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A pair of controllers told the long way: sets of inputs, a list in order of priority, a queue of command words that are still to come. It
 * follows the text of the data sheet, not the device's arithmetic.
 */
final class ReferencePic {
    static final class Chip {
        private final boolean hasCascade;
        final Set<Integer> high = new TreeSet<>();
        final Set<Integer> edges = new TreeSet<>();
        final Set<Integer> masked = new TreeSet<>();
        final Set<Integer> served = new TreeSet<>();
        Set<Integer> levels = new TreeSet<>();
        final List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
        final Deque<String> words = new ArrayDeque<>();
        private boolean allLevels;
        private int base;
        private boolean readServed;
        private boolean polling;
        private boolean specialMask;
        private boolean automaticEnd;
        private boolean rotating;
        private boolean special;

        Chip(boolean hasCascade) {
            this.hasCascade = hasCascade;
        }

        private boolean isLevel(int input) {
            return allLevels || levels.contains(input);
        }

        void input(int input, boolean isHigh) {
            if (isHigh && high.add(input) && !isLevel(input)) {
                edges.add(input);
            } else if (!isHigh) {
                high.remove(input);
            }
        }

        boolean requests(int input) {
            return isLevel(input) ? high.contains(input) : edges.contains(input);
        }

        /** Walks down the priorities until something asks, or something in service stops it. */
        int winner() {
            for (int input : order) {
                boolean ignored = (special && hasCascade && input == 2) || (specialMask && masked.contains(input));
                if (served.contains(input) && !ignored) {
                    return -1;
                }
                if (requests(input) && !masked.contains(input)) {
                    return input;
                }
            }
            return -1;
        }

        void take(int input) {
            edges.remove(input);
            if (!automaticEnd) {
                served.add(input);
            } else if (rotating) {
                makeLast(input);
            }
        }

        private void makeLast(int input) {
            while (order.get(7) != input) {
                order.add(order.removeFirst());
            }
        }

        private void end(boolean rotate) {
            for (int input : order) {
                if (served.contains(input) && !(specialMask && masked.contains(input))) {
                    served.remove(input);
                    if (rotate) {
                        makeLast(input);
                    }
                    return;
                }
            }
        }

        void command(int value) {
            int level = value % 8;
            if ((value & 0x10) != 0) {
                edges.clear();
                masked.clear();
                served.clear();
                makeLast(7);
                readServed = false;
                polling = false;
                specialMask = false;
                automaticEnd = false;
                rotating = false;
                special = false;
                allLevels = (value & 8) != 0;
                words.clear();
                words.add("ICW2");
                if ((value & 2) == 0) {
                    words.add("ICW3");
                }
                if ((value & 1) != 0) {
                    words.add("ICW4");
                }
            } else if ((value & 8) != 0) {
                polling = (value & 4) != 0;
                if (!polling && (value & 2) != 0) {
                    readServed = (value & 1) != 0;
                }
                if ((value & 0x40) != 0) {
                    specialMask = (value & 0x20) != 0;
                }
            } else {
                switch (value & 0xE0) {
                    case 0x20 -> end(false);
                    case 0x60 -> served.remove(level);
                    case 0xA0 -> end(true);
                    case 0xE0 -> {
                        served.remove(level);
                        makeLast(level);
                    }
                    case 0x80 -> rotating = true;
                    case 0x00 -> rotating = false;
                    case 0xC0 -> makeLast(level);
                    default -> {}
                }
            }
        }

        void data(int value) {
            if (words.isEmpty()) {
                masked.clear();
                masked.addAll(inputs(value));
                return;
            }
            switch (words.remove()) {
                case "ICW2" -> base = value / 8 * 8;
                case "ICW4" -> {
                    automaticEnd = (value & 2) != 0;
                    special = (value & 16) != 0;
                }
                default -> {}
            }
        }
    }

    final Chip first = new Chip(true);
    final Chip second = new Chip(false);

    void input(int irq, boolean high) {
        (irq < 8 ? first : second).input(irq % 8, high);
        wire();
    }

    void elcr(int chip, int value) {
        Chip written = chip == 0 ? first : second;
        written.levels = inputs(value & (chip == 0 ? 0xF8 : 0xDE));
        written.edges.removeAll(written.levels);
        wire();
    }

    void write(int chip, int offset, int value) {
        Chip written = chip == 0 ? first : second;
        if (offset == 0) {
            written.command(value);
        } else {
            written.data(value);
        }
        wire();
    }

    int read(int chip, int offset) {
        Chip read = chip == 0 ? first : second;
        if (read.polling) {
            read.polling = false;
            int winner = read.winner();
            if (winner < 0) {
                return 0;
            }
            take(read, winner);
            return 0x80 + winner;
        }
        if (offset == 1) {
            return bits(read.masked);
        }
        if (read.readServed) {
            return bits(read.served);
        }
        Set<Integer> requests = new TreeSet<>();
        for (int input = 0; input < 8; input++) {
            if (read.requests(input)) {
                requests.add(input);
            }
        }
        return bits(requests);
    }

    boolean asserted() {
        return first.winner() >= 0;
    }

    int acknowledge() {
        int winner = first.winner();
        if (winner < 0) {
            return first.base + 7;
        }
        take(first, winner);
        if (winner != 2) {
            return first.base + winner;
        }
        int secondWinner = second.winner();
        if (secondWinner < 0) {
            return second.base + 7;
        }
        take(second, secondWinner);
        return second.base + secondWinner;
    }

    private void take(Chip chip, int input) {
        chip.take(input);
        if (chip == second) {
            first.input(2, false);
            wire();
        }
    }

    private void wire() {
        first.input(2, second.winner() >= 0);
    }

    private static Set<Integer> inputs(int bits) {
        Set<Integer> inputs = new TreeSet<>();
        for (int input = 0; input < 8; input++) {
            if ((bits >> input & 1) != 0) {
                inputs.add(input);
            }
        }
        return inputs;
    }

    private static int bits(Set<Integer> inputs) {
        return inputs.stream().mapToInt(input -> 1 << input).sum();
    }
}
