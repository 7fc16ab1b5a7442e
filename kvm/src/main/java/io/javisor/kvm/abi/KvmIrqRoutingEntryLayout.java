package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_irq_routing_entry}, an element of {@code kvm_irq_routing}. KVM api.rst §4.52 */
public final class KvmIrqRoutingEntryLayout {
    public static final int SIZE = 48;
    public static final int GSI_OFFSET = 0;
    public static final int TYPE_OFFSET = 4;
    public static final int FLAGS_OFFSET = 8;
    public static final int U_IRQCHIP_IRQCHIP_OFFSET = 16;
    public static final int U_IRQCHIP_PIN_OFFSET = 20;
    public static final int U_MSI_ADDRESS_LO_OFFSET = 16;
    public static final int U_MSI_ADDRESS_HI_OFFSET = 20;
    public static final int U_MSI_DATA_OFFSET = 24;
    public static final int U_MSI_DEVID_OFFSET = 28;

    private KvmIrqRoutingEntryLayout() {}

    public static int gsi(MemorySegment m, long at) {
        return Abi.getU32(m, at + GSI_OFFSET);
    }

    public static void setGsi(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + GSI_OFFSET, value);
    }

    public static int type(MemorySegment m, long at) {
        return Abi.getU32(m, at + TYPE_OFFSET);
    }

    public static void setType(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + TYPE_OFFSET, value);
    }

    public static int flags(MemorySegment m, long at) {
        return Abi.getU32(m, at + FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + FLAGS_OFFSET, value);
    }

    public static int uIrqchipIrqchip(MemorySegment m, long at) {
        return Abi.getU32(m, at + U_IRQCHIP_IRQCHIP_OFFSET);
    }

    public static void setUIrqchipIrqchip(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + U_IRQCHIP_IRQCHIP_OFFSET, value);
    }

    public static int uIrqchipPin(MemorySegment m, long at) {
        return Abi.getU32(m, at + U_IRQCHIP_PIN_OFFSET);
    }

    public static void setUIrqchipPin(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + U_IRQCHIP_PIN_OFFSET, value);
    }

    public static int uMsiAddressLo(MemorySegment m, long at) {
        return Abi.getU32(m, at + U_MSI_ADDRESS_LO_OFFSET);
    }

    public static void setUMsiAddressLo(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + U_MSI_ADDRESS_LO_OFFSET, value);
    }

    public static int uMsiAddressHi(MemorySegment m, long at) {
        return Abi.getU32(m, at + U_MSI_ADDRESS_HI_OFFSET);
    }

    public static void setUMsiAddressHi(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + U_MSI_ADDRESS_HI_OFFSET, value);
    }

    public static int uMsiData(MemorySegment m, long at) {
        return Abi.getU32(m, at + U_MSI_DATA_OFFSET);
    }

    public static void setUMsiData(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + U_MSI_DATA_OFFSET, value);
    }

    public static int uMsiDevid(MemorySegment m, long at) {
        return Abi.getU32(m, at + U_MSI_DEVID_OFFSET);
    }

    public static void setUMsiDevid(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + U_MSI_DEVID_OFFSET, value);
    }
}
