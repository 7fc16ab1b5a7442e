package io.javisor.core.cpu;

import io.javisor.core.cpu.CpuidEntry.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The processor that a guest sees: what CPUID answers on each of its vCPUs. Immutable. */
public final class CpuModel {
    private static final int LEAF_FEATURES = 0x1;
    private static final int LEAF_POWER = 0x6;
    private static final int LEAF_PMU = 0xA;
    private static final int LEAF_SGX = 0x12;
    private static final int LEAF_TSC = 0x15;
    private static final int LEAF_FREQUENCY = 0x16;
    private static final int LEAF_KVM = 0x4000_0000;
    private static final int LEAF_KVM_FEATURES = 0x4000_0001;
    private static final int LEAF_KVM_TIMING = 0x4000_0010;
    private static final int LEAF_BRAND = 0x8000_0002;
    private static final int LEAF_SVM = 0x8000_000A;
    private static final int LEAF_AMD_PMU = 0x8000_0022;

    private static final int ARAT = 1 << 2;
    private static final int TSC_DEADLINE_TIMER = 1 << 24;
    private static final int OSXSAVE = 1 << 27;
    private static final int HYPERVISOR = 1 << 31;
    /** KVM's APIC timers tick at 1 GHz (Linux arch/x86/kvm/lapic.h, APIC_BUS_CYCLE_NS). */
    private static final int APIC_BUS_KHZ = 1_000_000;

    /** Features of a performance monitoring unit, which the guest does not get. */
    private static final Set<String> PMU = Set.of(
            "pdcm", "dtes64", "dts", "ds_cpl", "arch_lbr", "ibs", "perfctr_core", "perfctr_nb", "perfctr_llc", "bpext");

    private static final String FALLBACK_BRAND = "javisor virtual processor";
    private static final int BRAND_LENGTH = 48;

    private final CpuTopology topology;
    private final CpuVendor vendor;
    private final List<CpuidEntry> common;

    private CpuModel(CpuTopology topology, CpuVendor vendor, List<CpuidEntry> common) {
        this.topology = topology;
        this.vendor = vendor;
        this.common = List.copyOf(common);
    }

    /**
     * Works the model out.
     *
     * @throws CpuConfigException if the host can't serve {@code config}
     */
    public static CpuModel of(HostCpu host, CpuConfig config, CpuTopology topology) {
        CpuTemplate template = config.effectiveTemplate();
        Set<String> hidden = config.hiddenOn(host);
        CpuidTable table = new CpuidTable(host.supported());
        CpuVendor vendor = CpuVendor.of(table);

        table.update(
                LEAF_FEATURES,
                entry -> entry.withEcx(
                        (entry.ecx() | HYPERVISOR | (host.tscDeadlineTimer() ? TSC_DEADLINE_TIMER : 0)) & ~OSXSAVE));
        if (template.hidesUnnamed()) {
            table.updateAll(CpuModel::withoutUnnamed);
        }
        Set<String> unseen = new HashSet<>(hidden);
        unseen.addAll(PMU);
        hide(table, unseen);
        table.update(LEAF_POWER, entry -> CpuidEntry.leaf(LEAF_POWER, entry.eax() & ARAT, 0, 0, 0));
        table.update(LEAF_PMU, _ -> CpuidEntry.leaf(LEAF_PMU, 0, 0, 0, 0));
        if (hidden.contains("sgx")) {
            table.updateAll(entry ->
                    entry.function() == LEAF_SGX ? CpuidEntry.subleaf(LEAF_SGX, entry.index(), 0, 0, 0, 0) : entry);
        }
        if (hidden.contains("svm")) {
            table.update(LEAF_SVM, _ -> CpuidEntry.leaf(LEAF_SVM, 0, 0, 0, 0));
        }
        table.update(LEAF_AMD_PMU, _ -> CpuidEntry.leaf(LEAF_AMD_PMU, 0, 0, 0, 0));
        XsaveLeaf.fitToFeatures(table);
        putTiming(table, vendor, host.tscKhz());
        putHypervisor(table, host.tscKhz());
        putBrand(table);
        return new CpuModel(topology, vendor, table.entries());
    }

    private static CpuidEntry withoutUnnamed(CpuidEntry entry) {
        CpuidEntry named = entry;
        for (Register register : Register.values()) {
            named = named.with(register, named.register(register) & CpuFeatures.namedBits(entry, register));
        }
        return named;
    }

    /** In one pass over the table, whatever the number of names: each start of a machine does it, mostly in the interpreter. */
    private static void hide(CpuidTable table, Set<String> names) {
        Map<Integer, List<CpuFeature.Bit>> hidden = new HashMap<>();
        for (String name : names) {
            for (CpuFeature.Bit bit : CpuFeatures.find(name).orElseThrow().bits()) {
                hidden.computeIfAbsent(bit.function(), _ -> new ArrayList<>()).add(bit);
            }
        }
        table.updateAll(entry -> without(entry, hidden.getOrDefault(entry.function(), List.of())));
    }

    private static CpuidEntry without(CpuidEntry entry, List<CpuFeature.Bit> bits) {
        CpuidEntry rest = entry;
        for (CpuFeature.Bit bit : bits) {
            if (bit.isIn(entry)) {
                rest = rest.with(bit.register(), rest.register(bit.register()) & ~bit.mask());
            }
        }
        return rest;
    }

    /**
     * Tells the frequencies, so that a guest need not measure them. Linux takes the crystal's for the APIC timer's, so the crystal
     * is KVM's APIC bus. SDM vol. 2A, CPUID leaves 15H and 16H; Intel alone has them.
     */
    private static void putTiming(CpuidTable table, CpuVendor vendor, int tscKhz) {
        if (vendor == CpuVendor.INTEL && tscKhz > 0 && table.maxLeaf() >= LEAF_TSC) {
            table.put(CpuidEntry.leaf(LEAF_TSC, APIC_BUS_KHZ, tscKhz, APIC_BUS_KHZ * 1000, 0));
            if (table.maxLeaf() >= LEAF_FREQUENCY) {
                int mhz = tscKhz / 1000;
                table.put(CpuidEntry.leaf(LEAF_FREQUENCY, mhz, mhz, APIC_BUS_KHZ / 1000, 0));
            }
        }
    }

    /** KVM's signature, and the frequencies where other hypervisors tell them too (VMware's leaf). */
    private static void putHypervisor(CpuidTable table, int tscKhz) {
        int last = tscKhz > 0 ? LEAF_KVM_TIMING : LEAF_KVM_FEATURES;
        // "KVMKVMKVM\0\0\0", KVM cpuid.rst
        table.put(CpuidEntry.leaf(LEAF_KVM, last, 0x4B4D_564B, 0x564B_4D56, 0x0000_004D));
        if (tscKhz > 0) {
            table.put(CpuidEntry.leaf(LEAF_KVM_TIMING, tscKhz, APIC_BUS_KHZ, 0, 0));
        }
    }

    private static void putBrand(CpuidTable table) {
        boolean blank = true;
        for (int i = 0; i < 3; i++) {
            CpuidEntry entry = table.find(LEAF_BRAND + i, 0);
            blank &= entry == null || (entry.eax() | entry.ebx() | entry.ecx() | entry.edx()) == 0;
        }
        if (!blank) {
            return;
        }
        byte[] brand = Arrays.copyOf(FALLBACK_BRAND.getBytes(StandardCharsets.US_ASCII), BRAND_LENGTH);
        IntBuffer words = ByteBuffer.wrap(brand).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        for (int i = 0; i < 3; i++) {
            table.put(CpuidEntry.leaf(LEAF_BRAND + i, words.get(), words.get(), words.get(), words.get()));
        }
    }

    /**
     * What CPUID answers on one vCPU, as an engine is told.
     *
     * @param vcpuIndex its number, which is its APIC id
     */
    public List<CpuidEntry> cpuid(int vcpuIndex) {
        CpuidTable table = new CpuidTable(common);
        TopologyLeaves.put(table, vendor, topology, vcpuIndex);
        return table.entries();
    }

    /** The names of all features that the guest sees, in the order of their leaves. */
    public List<String> features() {
        List<String> names = new ArrayList<>();
        HostCpu shown = new HostCpu(cpuid(0), false, 0);
        for (CpuFeature feature : CpuFeatures.all()) {
            if (shown.supports(feature.name())) {
                names.add(feature.name());
            }
        }
        return List.copyOf(names);
    }
}
