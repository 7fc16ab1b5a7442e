package io.javisor.devices.serial;

import java.util.ArrayDeque;

/**
 * The datasheet once more, written for obviousness: nothing is cached, every register is worked out from what happened. Numbers
 * instead of names, so that a wrong constant shows too.
 */
final class ReferenceUart {
    /** A received character with its error bits. */
    record Received(int character, int errors) {}

    final ArrayDeque<Received> received = new ArrayDeque<>();
    final StringBuilder sent = new StringBuilder();
    int ier;
    int fcr;
    int lcr;
    int mcr;
    int scr;
    int divisor = 12;
    int errors;
    int pins = 0xB0;
    int deltas;
    boolean timeout;
    boolean threAsks;

    int levels() {
        if ((mcr & 0x10) == 0) {
            return pins;
        }
        int bits = 0;
        bits += (mcr & 2) != 0 ? 0x10 : 0;
        bits += (mcr & 1) != 0 ? 0x20 : 0;
        bits += (mcr & 4) != 0 ? 0x40 : 0;
        bits += (mcr & 8) != 0 ? 0x80 : 0;
        return bits;
    }

    private void levelsWere(int before) {
        int now = levels();
        for (int pin : new int[] {0x10, 0x20, 0x80}) {
            if ((before & pin) != (now & pin)) {
                deltas |= pin >> 4;
            }
        }
        if ((before & 0x40) != 0 && (now & 0x40) == 0) {
            deltas |= 4;
        }
    }

    void pins(int value) {
        int before = levels();
        pins = value;
        levelsWere(before);
    }

    void receive(int character, int error) {
        boolean fifo = (fcr & 1) != 0;
        if (received.size() == (fifo ? 16 : 1)) {
            errors |= 2;
            if (fifo) {
                return;
            }
            received.clear();
        }
        received.add(new Received(character, error));
        firstShows();
    }

    private void firstShows() {
        Received first = received.peekFirst();
        if (first != null && first.errors != 0) {
            errors |= first.errors;
            received.removeFirst();
            received.addFirst(new Received(first.character, 0));
        }
    }

    void idle() {
        timeout |= (fcr & 1) != 0 && !received.isEmpty();
    }

    int trigger() {
        return (fcr & 1) == 0 ? 1 : (new int[] {1, 4, 8, 14})[fcr >> 6];
    }

    int source() {
        if ((ier & 4) != 0 && errors != 0) {
            return 6;
        } else if ((ier & 1) != 0 && received.size() >= trigger()) {
            return 4;
        } else if ((ier & 1) != 0 && timeout) {
            return 12;
        } else if ((ier & 2) != 0 && threAsks) {
            return 2;
        } else if ((ier & 8) != 0 && deltas != 0) {
            return 0;
        }
        return 1;
    }

    boolean pin() {
        return (mcr & 8) != 0 && (mcr & 16) == 0 && source() != 1;
    }

    int read(int port) {
        boolean dlab = lcr >= 0x80;
        return switch (port) {
            case 0 -> dlab ? divisor & 0xFF : readReceived();
            case 1 -> dlab ? divisor >> 8 : ier;
            case 2 -> {
                int source = source();
                if (source == 2) {
                    threAsks = false;
                }
                yield source + ((fcr & 1) != 0 ? 0xC0 : 0);
            }
            case 3 -> lcr;
            case 4 -> mcr;
            case 5 -> {
                boolean marked = (errors & 0x1C) != 0;
                for (Received one : received) {
                    marked |= one.errors != 0;
                }
                int lsr = 0x60 + errors + (received.isEmpty() ? 0 : 1) + (marked && (fcr & 1) != 0 ? 0x80 : 0);
                errors = 0;
                yield lsr;
            }
            case 6 -> {
                int msr = levels() + deltas;
                deltas = 0;
                yield msr;
            }
            case 7 -> scr;
            default -> 0xFF;
        };
    }

    private int readReceived() {
        Received first = received.pollFirst();
        if (first == null) {
            return 0;
        }
        timeout = false;
        firstShows();
        return first.character;
    }

    void write(int port, int value) {
        boolean dlab = lcr >= 0x80;
        switch (port) {
            case 0 -> {
                if (dlab) {
                    divisor = (divisor & 0xFF00) + value;
                    return;
                }
                threAsks = true;
                if ((mcr & 0x10) != 0) {
                    receive(value, 0);
                } else {
                    sent.append((char) value);
                }
            }
            case 1 -> {
                if (dlab) {
                    divisor = (divisor & 0xFF) + value * 256;
                } else {
                    threAsks |= (ier & 2) == 0 && (value & 2) != 0;
                    ier = value & 0x0F;
                }
            }
            case 2 -> {
                if ((value & 3) == 3 || (value & 1) < (fcr & 1)) {
                    received.clear();
                    timeout = false;
                } else if ((value & 1) > (fcr & 1)) {
                    timeout = !received.isEmpty();
                }
                fcr = (value & 1) != 0 ? value & 0xC9 : 0;
            }
            case 3 -> lcr = value;
            case 4 -> {
                int before = levels();
                mcr = value & 0x1F;
                levelsWere(before);
            }
            case 7 -> scr = value;
            default -> {}
        }
    }
}
