package io.javisor.emulator.cpu;

import io.javisor.core.cpu.Bytes;
import io.javisor.emulator.apic.ApicState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A local APIC's state as the first KiB of its registers, as memory shows them (Intel SDM vol. 3 table 11-1). What memory does not show lies in
 * the first 32 bytes, which are reserved there.
 */
final class ApicPage {
    private static final int SIZE = 0x400;

    private static final int VERSION = 0x00;
    private static final int PENDING_ERRORS = 0x01;
    private static final int ERROR_SIGNALLED = 0x02;
    private static final int LINT = 0x03;
    private static final int EVENTS = 0x04;
    private static final int BASE = 0x08;
    private static final int DEADLINE = 0x10;
    private static final int RUNNING = 0x18;

    private static final int TPR = 0x80;
    private static final int LDR = 0xD0;
    private static final int DFR = 0xE0;
    private static final int SVR = 0xF0;
    private static final int ISR = 0x100;
    private static final int TMR = 0x180;
    private static final int IRR = 0x200;
    private static final int ESR = 0x280;
    private static final int ICR = 0x300;
    private static final int ICR_HIGH = 0x310;
    private static final int LVT = 0x320;
    private static final int LVT_COUNT = 6;
    private static final int INITIAL_COUNT = 0x380;
    private static final int CURRENT_COUNT = 0x390;
    private static final int DIVIDE = 0x3E0;
    private static final int STRIDE = 0x10;
    private static final int TIMER_MODE_SHIFT = 17;

    private ApicPage() {}

    static Bytes of(ApicState state) {
        ByteBuffer page = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        page.put(VERSION, (byte) state.version());
        page.put(PENDING_ERRORS, (byte) state.pendingErrors());
        page.put(ERROR_SIGNALLED, (byte) (state.errorSignalled() ? 1 : 0));
        page.put(LINT, (byte) (state.lintLevels() | state.lintEdges() << 4));
        page.putInt(EVENTS, state.events());
        page.putLong(BASE, state.base());
        page.putLong(DEADLINE, state.timer().deadline());
        page.put(RUNNING, (byte) (state.timer().running() ? 1 : 0));
        page.putInt(TPR, state.tpr());
        page.putInt(LDR, state.ldr());
        page.putInt(DFR, state.dfr());
        page.putInt(SVR, state.svr());
        page.putInt(ESR, state.esr());
        page.putInt(ICR, (int) state.icr());
        page.putInt(ICR_HIGH, (int) (state.icr() >>> 32));
        for (int i = 0; i < LVT_COUNT; i++) {
            page.putInt(LVT + i * STRIDE, state.lvt().get(i));
        }
        putVectors(page, ISR, state.isr());
        putVectors(page, TMR, state.tmr());
        putVectors(page, IRR, state.irr());
        page.putInt(INITIAL_COUNT, (int) state.timer().initialCount());
        page.putInt(CURRENT_COUNT, (int) state.timer().currentCount());
        page.putInt(DIVIDE, state.timer().divideRegister());
        return Bytes.of(page.array());
    }

    /**
     * The state that {@link #of} made a page of.
     *
     * @throws IllegalArgumentException if it is none
     */
    static ApicState state(Bytes bytes) {
        if (bytes.length() != SIZE) {
            throw new IllegalArgumentException("a local APIC's state has " + SIZE + " bytes, not " + bytes.length());
        }
        ByteBuffer page = ByteBuffer.wrap(bytes.toArray()).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> lvt = new ArrayList<>();
        for (int i = 0; i < LVT_COUNT; i++) {
            lvt.add(page.getInt(LVT + i * STRIDE));
        }
        return new ApicState(
                page.get(VERSION),
                page.getLong(BASE),
                page.getInt(TPR),
                page.getInt(LDR),
                page.getInt(DFR),
                page.getInt(SVR),
                page.getInt(ESR),
                page.get(PENDING_ERRORS) & 0xFF,
                page.get(ERROR_SIGNALLED) != 0,
                Integer.toUnsignedLong(page.getInt(ICR)) | (long) page.getInt(ICR_HIGH) << 32,
                lvt,
                page.get(LINT) & 3,
                page.get(LINT) >> 4 & 3,
                page.getInt(EVENTS),
                vectors(page, IRR),
                vectors(page, ISR),
                vectors(page, TMR),
                new ApicState.Timer(
                        lvt.getFirst() >> TIMER_MODE_SHIFT & 3,
                        page.getInt(DIVIDE),
                        Integer.toUnsignedLong(page.getInt(INITIAL_COUNT)),
                        page.get(RUNNING) != 0,
                        Integer.toUnsignedLong(page.getInt(CURRENT_COUNT)),
                        page.getLong(DEADLINE)));
    }

    private static void putVectors(ByteBuffer page, int offset, List<Long> vectors) {
        for (int i = 0; i < 2 * vectors.size(); i++) {
            page.putInt(offset + i * STRIDE, (int) (vectors.get(i / 2) >>> (i % 2 * 32)));
        }
    }

    private static List<Long> vectors(ByteBuffer page, int offset) {
        List<Long> vectors = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long low = Integer.toUnsignedLong(page.getInt(offset + 2 * i * STRIDE));
            vectors.add(low | (long) page.getInt(offset + (2 * i + 1) * STRIDE) << 32);
        }
        return vectors;
    }
}
