package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_pic_state}: one 8259A, at {@code at} in {@code kvm_irqchip}. KVM api.rst §4.26 */
public final class KvmPicStateLayout {
    public static final int SIZE = 16;
    public static final int LAST_IRR_OFFSET = 0;
    public static final int IRR_OFFSET = 1;
    public static final int IMR_OFFSET = 2;
    public static final int ISR_OFFSET = 3;
    public static final int PRIORITY_ADD_OFFSET = 4;
    public static final int IRQ_BASE_OFFSET = 5;
    public static final int READ_REG_SELECT_OFFSET = 6;
    public static final int POLL_OFFSET = 7;
    public static final int SPECIAL_MASK_OFFSET = 8;
    public static final int INIT_STATE_OFFSET = 9;
    public static final int AUTO_EOI_OFFSET = 10;
    public static final int ROTATE_ON_AUTO_EOI_OFFSET = 11;
    public static final int SPECIAL_FULLY_NESTED_MODE_OFFSET = 12;
    public static final int INIT4_OFFSET = 13;
    public static final int ELCR_OFFSET = 14;
    public static final int ELCR_MASK_OFFSET = 15;

    private KvmPicStateLayout() {}

    public static int lastIrr(MemorySegment m, long at) {
        return Abi.getU8(m, at + LAST_IRR_OFFSET);
    }

    public static void setLastIrr(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + LAST_IRR_OFFSET, value);
    }

    public static int irr(MemorySegment m, long at) {
        return Abi.getU8(m, at + IRR_OFFSET);
    }

    public static void setIrr(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + IRR_OFFSET, value);
    }

    public static int imr(MemorySegment m, long at) {
        return Abi.getU8(m, at + IMR_OFFSET);
    }

    public static void setImr(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + IMR_OFFSET, value);
    }

    public static int isr(MemorySegment m, long at) {
        return Abi.getU8(m, at + ISR_OFFSET);
    }

    public static void setIsr(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + ISR_OFFSET, value);
    }

    public static int priorityAdd(MemorySegment m, long at) {
        return Abi.getU8(m, at + PRIORITY_ADD_OFFSET);
    }

    public static void setPriorityAdd(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + PRIORITY_ADD_OFFSET, value);
    }

    public static int irqBase(MemorySegment m, long at) {
        return Abi.getU8(m, at + IRQ_BASE_OFFSET);
    }

    public static void setIrqBase(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + IRQ_BASE_OFFSET, value);
    }

    public static int readRegSelect(MemorySegment m, long at) {
        return Abi.getU8(m, at + READ_REG_SELECT_OFFSET);
    }

    public static void setReadRegSelect(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + READ_REG_SELECT_OFFSET, value);
    }

    public static int poll(MemorySegment m, long at) {
        return Abi.getU8(m, at + POLL_OFFSET);
    }

    public static void setPoll(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + POLL_OFFSET, value);
    }

    public static int specialMask(MemorySegment m, long at) {
        return Abi.getU8(m, at + SPECIAL_MASK_OFFSET);
    }

    public static void setSpecialMask(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + SPECIAL_MASK_OFFSET, value);
    }

    public static int initState(MemorySegment m, long at) {
        return Abi.getU8(m, at + INIT_STATE_OFFSET);
    }

    public static void setInitState(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + INIT_STATE_OFFSET, value);
    }

    public static int autoEoi(MemorySegment m, long at) {
        return Abi.getU8(m, at + AUTO_EOI_OFFSET);
    }

    public static void setAutoEoi(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + AUTO_EOI_OFFSET, value);
    }

    public static int rotateOnAutoEoi(MemorySegment m, long at) {
        return Abi.getU8(m, at + ROTATE_ON_AUTO_EOI_OFFSET);
    }

    public static void setRotateOnAutoEoi(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + ROTATE_ON_AUTO_EOI_OFFSET, value);
    }

    public static int specialFullyNestedMode(MemorySegment m, long at) {
        return Abi.getU8(m, at + SPECIAL_FULLY_NESTED_MODE_OFFSET);
    }

    public static void setSpecialFullyNestedMode(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + SPECIAL_FULLY_NESTED_MODE_OFFSET, value);
    }

    public static int init4(MemorySegment m, long at) {
        return Abi.getU8(m, at + INIT4_OFFSET);
    }

    public static void setInit4(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + INIT4_OFFSET, value);
    }

    public static int elcr(MemorySegment m, long at) {
        return Abi.getU8(m, at + ELCR_OFFSET);
    }

    public static void setElcr(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + ELCR_OFFSET, value);
    }

    public static int elcrMask(MemorySegment m, long at) {
        return Abi.getU8(m, at + ELCR_MASK_OFFSET);
    }

    public static void setElcrMask(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + ELCR_MASK_OFFSET, value);
    }
}
