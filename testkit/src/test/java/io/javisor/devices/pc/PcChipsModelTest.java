package io.javisor.devices.pc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.irq.ConnectedLine;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.RecordingLine;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random sequences of what devices, guest and processor do, beside a model that knows inputs instead of chips. */
class PcChipsModelTest {
    private static final int STEPS = 20_000;
    private static final int LINES = 3;
    private static final int FIRST_VECTOR = 0x40;

    /** An input with its devices. */
    private static final class Input {
        final int gsi;
        final boolean level;
        final int vector;
        final List<ConnectedLine> lines = new ArrayList<>();
        final boolean[] asserted = new boolean[LINES];
        boolean masked = true; // at the I/O APIC
        boolean remoteIrr;
        boolean edge; // in the 8259As
        boolean picMasked;

        Input(PcRig pc, int gsi, boolean level) {
            this.gsi = gsi;
            this.level = level;
            vector = FIRST_VECTOR + pin() * 8 % 0x97; // other priorities than the pins' order
            for (int i = 0; i < LINES; i++) {
                lines.add(level ? pc.level(gsi) : pc.edge(gsi));
            }
        }

        int pin() {
            return gsi == 0 ? 2 : gsi;
        }

        boolean high() {
            return asserted[0] || asserted[1] || asserted[2];
        }

        boolean requestsPic() {
            return gsi < 16 && !picMasked && (level ? high() : edge);
        }

        /** The second chip's are at the first one's input 2. */
        int urgency() {
            return gsi < 2 ? gsi : gsi >= 8 ? gsi - 6 : gsi + 8;
        }

        int entry() {
            return vector | (level ? IoApicRegisters.LEVEL : 0) | (masked ? IoApicRegisters.MASKED : 0);
        }
    }

    private final RecordingLine intr = new RecordingLine();
    private final PcRig pc = new PcRig(intr, new ModelProcessor(), new FakeTime(0));
    private final List<Input> inputs = new ArrayList<>();
    private final BitSet requests = new BitSet(); // of the local APIC
    private boolean cascade; // the second 8259A's output
    private boolean cascadeLatched;
    private int served;
    private int servedIntr;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void chipsDoWhatTheModelDoes(long seed) {
        for (int gsi : new int[] {0, 1, 3, 4, 12, 15, 16}) {
            inputs.add(new Input(pc, gsi, false));
        }
        for (int gsi : new int[] {5, 9, 10, 20, 23}) {
            inputs.add(new Input(pc, gsi, true));
        }
        pc.out(0x4D0, 1 << 5);
        pc.out(0x4D1, 1 << 1 | 1 << 2);
        inputs.forEach(input -> pc.redirect(input.pin(), input.entry()));
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            act(inputs.get(random.nextInt(inputs.size())), random);
            cascade();
            check("seed " + seed + ", step " + step);
        }
        assertEquals(true, served > STEPS / 100 && servedIntr > STEPS / 100, served + " and " + servedIntr + " served");
    }

    private void act(Input input, Random random) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> set(input, random.nextInt(LINES), random.nextBoolean());
            case 3 -> pulse(input, random.nextInt(LINES));
            case 4 -> {
                input.masked = random.nextBoolean();
                pc.redirect(input.pin(), input.entry());
                serveLevel(input);
            }
            case 5 -> {
                input.picMasked = random.nextInt(4) == 0;
                pc.out(input.gsi < 8 ? 0x21 : 0xA1, picMask(input.gsi < 8));
            }
            case 6 -> serveApic();
            default -> serveIntr();
        }
    }

    private void set(Input input, int line, boolean asserted) {
        boolean rises = asserted && !input.asserted[line];
        input.lines.get(line).set(asserted);
        input.asserted[line] = asserted;
        if (input.level) {
            serveLevel(input);
        } else if (rises) {
            edge(input);
        }
    }

    private void pulse(Input input, int line) {
        if (!input.level) {
            input.lines.get(line).pulse();
            edge(input);
        }
    }

    private void edge(Input input) {
        input.edge = true;
        if (!input.masked) {
            requests.set(input.vector);
        }
    }

    private void serveLevel(Input input) {
        if (input.level && input.high() && !input.masked && !input.remoteIrr) {
            input.remoteIrr = true;
            requests.set(input.vector);
        }
    }

    private void serveApic() {
        int wanted = requests.length() - 1;
        assertEquals(wanted, pc.serveApic());
        if (wanted < 0) {
            return;
        }
        served++;
        requests.clear(wanted);
        for (Input input : inputs) {
            if (input.vector == wanted && input.remoteIrr) {
                input.remoteIrr = false;
                serveLevel(input);
            }
        }
    }

    private void serveIntr() {
        Input first = null;
        for (Input input : inputs) {
            if (input.requestsPic() && (first == null || input.urgency() < first.urgency())) {
                first = input;
            }
        }
        if (cascadeLatched && (first == null || first.urgency() > 9)) {
            assertEquals(15, pc.serveIntr(), "the second chip's request is gone");
        } else if (first == null) {
            return;
        } else {
            assertEquals(first.gsi, pc.serveIntr());
            first.edge = false;
            servedIntr++;
            if (first.gsi < 8) {
                return;
            }
        }
        cascadeLatched = false;
        cascade = false;
    }

    /** The second chip's output is an edge-triggered input of the first. */
    private void cascade() {
        boolean requests = inputs.stream().anyMatch(input -> input.gsi >= 8 && input.requestsPic());
        cascadeLatched |= requests && !cascade;
        cascade = requests;
    }

    private int picMask(boolean firstChip) {
        int mask = 0;
        for (Input input : inputs) {
            if (input.picMasked && input.gsi < 16 && input.gsi < 8 == firstChip) {
                mask |= 1 << (input.gsi & 7);
            }
        }
        return mask;
    }

    private void check(String when) {
        assertEquals(requests, pc.processor.requests(), when);
        assertEquals(
                cascadeLatched || inputs.stream().anyMatch(input -> input.gsi < 8 && input.requestsPic()),
                intr.isHigh(),
                when);
        for (Input input : inputs) {
            int remoteIrr = input.remoteIrr ? IoApicRegisters.REMOTE_IRR : 0;
            assertEquals(input.entry() | remoteIrr, pc.redirection(input.pin()), when + ", GSI " + input.gsi);
        }
    }
}
