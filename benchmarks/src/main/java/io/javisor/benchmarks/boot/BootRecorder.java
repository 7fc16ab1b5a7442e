package io.javisor.benchmarks.boot;

import io.javisor.machine.BootObserver;
import io.javisor.machine.BootStep;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Keeps when a guest's first life reached which step and wrote which line. Its memory is bounded and taken at the start: what comes
 * after {@link #MAX_LINES} lines or {@link #MAX_TEXT_BYTES} is not kept, nor is a line's end beyond {@link #MAX_LINE_BYTES}.
 */
final class BootRecorder implements BootObserver {
    static final int MAX_LINES = 4096;
    static final int MAX_TEXT_BYTES = 256 << 10;
    static final int MAX_LINE_BYTES = 200;

    /** ECMA-48 §5.4: CSI, parameters, intermediates, final. */
    private static final Pattern CONTROL_SEQUENCE = Pattern.compile("\u001B\\[[0-?]*[ -/]*[@-~]");

    private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");

    private final LongSupplier clock;
    private final Map<BootStep, Long> steps = new ConcurrentHashMap<>();
    private volatile boolean ended;

    private final byte[] text = new byte[MAX_TEXT_BYTES]; // guarded by this, as all below
    private final int[] lineEnds = new int[MAX_LINES];
    private final long[] lineNanos = new long[MAX_LINES];
    private int lineCount;
    private int textLength;
    private int lineLength = -1; // of the line that goes on, end included that is not kept; -1 between lines
    private boolean lost;

    BootRecorder(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public void reached(BootStep step) {
        Long _ = steps.putIfAbsent(step, clock.getAsLong());
        if (step == BootStep.LIFE_ENDED) {
            ended = true;
        }
    }

    /** The monitor is free whenever a guest runs: only the end of the machine takes it too. */
    @Override
    public synchronized void consoleOutput(int value) {
        if (ended) {
            return;
        }
        if (value == '\n') {
            if (lineLength >= 0) {
                endLine();
            }
        } else if (value != '\r') {
            addToLine(value);
        }
    }

    private void addToLine(int value) {
        if (lineLength < 0) {
            if (lineCount == MAX_LINES) {
                lost = true;
                return;
            }
            lineNanos[lineCount] = clock.getAsLong();
            lineLength = 0;
        }
        if (lineLength >= MAX_LINE_BYTES) {
            return;
        }
        if (textLength == MAX_TEXT_BYTES) {
            lost = true;
            return;
        }
        text[textLength++] = (byte) value;
        lineLength++;
    }

    private void endLine() {
        lineEnds[lineCount++] = textLength;
        lineLength = -1;
    }

    /** When each step was first reached. */
    Map<BootStep, Long> steps() {
        return Map.copyOf(steps);
    }

    /** The lines so far, the one that goes on too. */
    synchronized List<BootTrace.Line> lines() {
        List<BootTrace.Line> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < lineCount; i++) {
            lines.add(line(i, start, lineEnds[i]));
            start = lineEnds[i];
        }
        if (lineLength >= 0) {
            lines.add(line(lineCount, start, textLength));
        }
        return lines;
    }

    private BootTrace.Line line(int index, int start, int end) {
        return new BootTrace.Line(
                lineNanos[index], printable(new String(text, start, end - start, StandardCharsets.ISO_8859_1)));
    }

    /** As printable ASCII: colours and cursor movements left out, a question mark for all else. */
    private static String printable(String text) {
        String plain = CONTROL_SEQUENCE.matcher(text.replace('\t', ' ')).replaceAll("");
        return UNPRINTABLE.matcher(plain).replaceAll("?");
    }

    /** Whether there was more than is kept. */
    synchronized boolean lost() {
        return lost;
    }
}
