package io.javisor.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Leaves out what a terminal answers, as it would to the guest's shell that asks for the cursor: whoever only reads what a guest once wrote would
 * find the answers typed at a prompt of his own. These are ENQ, DECID, the control sequences of reports (ECMA-48: DSR, DA; xterm: DECRQM,
 * DECREQTPARM, DECRQPSR, DECRQCRA, DECRQUPSS, DECRQTSR, DECRQLP, XTWINOPS, XTVERSION, XTSMGRAPHICS, XTREPORTSGR, XTREPORTCOLORS; kitty's
 * keyboard) and all control strings (DCS, OSC, APC, PM, SOS), each of which ends with its line at the latest. A guest may write them so that they
 * are found by a terminal alone: with control characters inside, which that obeys at once, as U+0080 to U+009F in UTF-8, or very long, which
 * are left out whatever they are.
 */
final class TerminalQueryFilter extends FilterOutputStream {
    private static final int ENQ = 0x05;
    private static final int BEL = 0x07;
    private static final int CAN = 0x18;
    private static final int SUB = 0x1a;
    private static final int ESC = 0x1b;
    private static final int DEL = 0x7f;
    private static final int C1_LEAD = 0xc2; // of the two bytes in UTF-8
    private static final int C1_START = 0x80;
    private static final int C1_END = 0xa0;
    private static final int UTF8_LEADS = 0xc0;
    private static final int MAX_SEQUENCE_SIZE = 64;

    private enum State {
        TEXT,
        LEAD,
        ESCAPE,
        SEQUENCE,
        STRING,
        STRING_ESCAPE
    }

    private final byte[] held = new byte[MAX_SEQUENCE_SIZE];
    private int heldSize;
    private boolean tooLong;
    private State state = State.TEXT;

    TerminalQueryFilter(OutputStream out) {
        super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int end = offset + length;
        int at = offset;
        while (at < end) {
            int plain = state == State.TEXT ? plainSize(bytes, at, end) : 0;
            out.write(bytes, at, plain);
            at += plain;
            if (at < end) {
                write(bytes[at++]);
            }
        }
    }

    private static int plainSize(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && bytes[at] != ESC && bytes[at] != ENQ && bytes[at] != (byte) C1_LEAD) {
            at++;
        }
        return at - start;
    }

    @Override
    public void write(int value) throws IOException {
        int b = value & 0xff;
        switch (state) {
            case TEXT -> text(b);
            case LEAD -> {
                if (b >= C1_START && b < C1_END) {
                    hold(ESC);
                    escape(b - C1_START + '@'); // the same in 7 bits
                } else {
                    // No UTF-8 if it is no such byte, and must not become a C1 control with one behind what is left
                    // out.
                    out.write(b >= C1_END && b < UTF8_LEADS ? C1_LEAD : '?');
                    text(b);
                }
            }
            case ESCAPE, SEQUENCE -> {
                if (b == DEL || (b < ' ' && b != ESC && b != CAN && b != SUB)) {
                    obey(b);
                } else if (state == State.ESCAPE) {
                    escape(b);
                } else {
                    sequence(b);
                }
            }
            case STRING -> {
                if (b == ESC) {
                    state = State.STRING_ESCAPE;
                } else if (b == '\n') {
                    text(b);
                } else if (b == BEL || b == CAN || b == SUB) {
                    state = State.TEXT;
                }
            }
            case STRING_ESCAPE -> {
                if (b == '\\') { // ST is ESC \; another escape sequence ends the string too
                    state = State.TEXT;
                } else {
                    hold(ESC);
                    state = State.ESCAPE;
                    write(b);
                }
            }
        }
    }

    private void text(int b) throws IOException {
        if (b == ESC) {
            hold(b);
            state = State.ESCAPE;
        } else if (b == C1_LEAD) {
            state = State.LEAD;
        } else {
            state = State.TEXT;
            obey(b);
        }
    }

    private void obey(int b) throws IOException {
        if (b != ENQ) {
            out.write(b);
        }
    }

    private void escape(int b) throws IOException {
        switch (b) {
            case '[' -> {
                hold(b);
                state = State.SEQUENCE;
            }
            case 'P', ']', '_', '^', 'X' -> {
                drop();
                state = State.STRING;
            }
            case 'Z' -> {
                drop();
                state = State.TEXT;
            }
            default -> {
                if (b < ' ' || b > '~') { // the terminal forgets the ESC, too
                    drop();
                } else {
                    release();
                }
                text(b);
            }
        }
    }

    private void sequence(int b) throws IOException {
        if (b < ' ' || b > '~') { // the terminal forgets it, too
            drop();
            text(b);
        } else if (b < '@') { // parameters and intermediate bytes
            hold(b);
        } else {
            if (tooLong || isQuery(b)) {
                drop();
            } else {
                release();
                out.write(b);
            }
            state = State.TEXT;
        }
    }

    /** {@code CSI > 4 q} would set a cursor's shape, but for the {@code >}; {@code CSI ! p} resets, {@code CSI $ p} asks. */
    private boolean isQuery(int last) {
        return switch (last) {
            case 'n', 'c', 'x', 't' -> true;
            case 'p' -> holds('$');
            case 'q' -> holds('>');
            case 'u' -> holds('?') || holds('&') || holds('$');
            case 'w' -> holds('$');
            case 'y' -> holds('*');
            case 'S' -> holds('?');
            case 'R' -> holds('#');
            case '|' -> holds('#') || holds('\'');
            default -> false;
        };
    }

    private boolean holds(int wanted) {
        for (int i = 0; i < heldSize; i++) {
            if (held[i] == wanted) {
                return true;
            }
        }
        return false;
    }

    private void hold(int b) {
        if (heldSize < MAX_SEQUENCE_SIZE) {
            held[heldSize++] = (byte) b;
        } else {
            tooLong = true;
        }
    }

    private void drop() {
        heldSize = 0;
        tooLong = false;
    }

    private void release() throws IOException {
        out.write(held, 0, heldSize);
        drop();
    }
}
