package io.javisor.container.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Keys that have a person leave a process, in the form of docker's {@code --detach-keys}: {@code ctrl-p,ctrl-q}, {@code a}. Immutable. */
public final class DetachKeys {
    /** Docker's. */
    public static final DetachKeys DEFAULT = parse("ctrl-p,ctrl-q");

    /** None: nothing that is typed has one leave. */
    public static final DetachKeys NONE = new DetachKeys(new byte[0]);

    private static final String CTRL = "ctrl-";
    private static final String CONTROLS = "@abcdefghijklmnopqrstuvwxyz[\\]^_"; // by code, from 0

    private final byte[] sequence;

    private DetachKeys(byte[] sequence) {
        this.sequence = sequence;
    }

    /**
     * Reads a sequence; "" is {@link #NONE}.
     *
     * @throws IllegalArgumentException in one line, if a key is none
     */
    public static DetachKeys parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        List<Byte> keys = new ArrayList<>();
        for (String key : text.split(",", -1)) {
            keys.add(code(key));
        }
        byte[] sequence = new byte[keys.size()];
        for (int i = 0; i < sequence.length; i++) {
            sequence[i] = keys.get(i);
        }
        return new DetachKeys(sequence);
    }

    private static byte code(String key) {
        if (key.length() == 1 && key.charAt(0) < 0x80) {
            return (byte) key.charAt(0);
        }
        String lower = key.toLowerCase(Locale.ROOT);
        int control = lower.startsWith(CTRL) && lower.length() == CTRL.length() + 1
                ? CONTROLS.indexOf(lower.charAt(CTRL.length()))
                : -1;
        if (control < 0) {
            throw new IllegalArgumentException("'" + key + "' is no key to detach by; such are a, ctrl-p and ctrl-@");
        }
        return (byte) control;
    }

    /** Looks for the sequence in what one person types. */
    Filter filter() {
        return new Filter(sequence);
    }

    /** What was typed of the sequence is held back until it is clear whether all of it comes. Not for several threads at once. */
    static final class Filter {
        private final byte[] sequence;
        private int matched;
        private boolean detached;

        private Filter(byte[] sequence) {
            this.sequence = sequence;
        }

        /**
         * Takes what was typed.
         *
         * @param from of that many bytes
         * @param to gets what goes on to the process, and has room for {@link #room} of it
         * @return how much that is
         */
        int filter(byte[] from, int length, byte[] to) {
            int count = 0;
            for (int i = 0; i < length && !detached; i++) {
                byte key = from[i];
                while (matched > 0 && key != sequence[matched]) {
                    int kept = overlap();
                    System.arraycopy(sequence, 0, to, count, matched - kept);
                    count += matched - kept;
                    matched = kept;
                }
                if (sequence.length > 0 && key == sequence[matched]) {
                    matched++;
                    detached = matched == sequence.length;
                } else {
                    to[count++] = key;
                }
            }
            return count;
        }

        /** How many of the last of what is held back are the first of the sequence too: fewer than all. */
        private int overlap() {
            int kept = matched - 1;
            while (kept > 0 && !Arrays.equals(sequence, 0, kept, sequence, matched - kept, matched)) {
                kept--;
            }
            return kept;
        }

        /** How many bytes {@code length} may become. */
        int room(int length) {
            return length + sequence.length;
        }

        /** Whether the sequence has come; what came after it is dropped. */
        boolean hasDetached() {
            return detached;
        }
    }
}
