package io.javisor.core.cpu;

import io.javisor.core.cpu.CpuidEntry.Register;
import io.javisor.core.text.EditDistance;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The table of features with names. SDM vol. 2A "CPUID", AMD APM vol. 3 appendix E, Linux {@code Documentation/virt/kvm/x86/cpuid.rst}. */
public final class CpuFeatures {
    /** One 32-bit answer of CPUID that consists of feature bits; names from bit 0 up, {@code .} for bits without one. */
    private record Word(int function, int index, Register register, List<String> names) {}

    private static final List<Word> WORDS = List.of(
            word(0x1, 0, Register.EDX, """
                fpu vme de pse tsc msr pae mce cx8 apic . sep mtrr pge mca cmov
                pat pse36 pn clflush . dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe\
                """),
            word(0x1, 0, Register.ECX, """
                pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm
                . pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave osxsave avx f16c rdrand hypervisor\
                """),
            word(0x6, 0, Register.EAX, "dtherm ida arat . pln . pts hwp"),
            word(0x7, 0, Register.EBX, """
                fsgsbase tsc_adjust sgx bmi1 hle avx2 fdp_excptn_only smep bmi2 erms invpcid rtm cqm zero_fcs_fds mpx rdt_a
                avx512f avx512dq rdseed adx smap avx512ifma . clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni
                avx512bw avx512vl\
                """),
            word(0x7, 0, Register.ECX, """
                prefetchwt1 avx512vbmi umip pku ospke waitpkg avx512_vbmi2 shstk gfni vaes vpclmulqdq avx512_vnni
                avx512_bitalg tme avx512_vpopcntdq . la57 . . . . . rdpid kl bus_lock_detect cldemote . movdiri movdir64b
                enqcmd sgx_lc pks\
                """),
            word(0x7, 0, Register.EDX, """
                . . avx512_4vnniw avx512_4fmaps fsrm uintr . . avx512_vp2intersect srbds_ctrl md_clear rtm_always_abort .
                tsx_force_abort serialize hybrid_cpu tsxldtrk . pconfig arch_lbr ibt . amx_bf16 avx512_fp16 amx_tile amx_int8
                spec_ctrl intel_stibp flush_l1d arch_capabilities core_capabilities ssbd\
                """),
            word(0x7, 1, Register.EAX, """
                sha512 sm3 sm4 . avx_vnni avx512_bf16 lass cmpccxadd . . fzrm fsrs fsrc . . . . fred lkgs wrmsrns .
                amx_fp16 hreset avx_ifma . . lam\
                """),
            word(0x7, 1, Register.EDX, """
                . . . . avx_vnni_int8 avx_ne_convert . . amx_complex . avx_vnni_int16 . . . prefetchi . . . . avx10\
                """),
            word(0xD, 1, Register.EAX, "xsaveopt xsavec xgetbv1 xsaves xfd"),
            word(0x4000_0001, 0, Register.EAX, """
                kvmclock kvm-nopiodelay kvm-mmu kvmclock kvm-asyncpf kvm-steal-time kvm-pv-eoi kvm-pv-unhalt .
                kvm-pv-tlb-flush kvm-asyncpf-vmexit kvm-pv-ipi kvm-poll-control kvm-pv-sched-yield kvm-asyncpf-int
                kvm-msi-ext-dest-id kvm-hc-map-gpa-range kvm-migration-control . . . . . . kvmclock-stable-bit\
                """),
            word(0x8000_0001, 0, Register.EDX, """
                fpu vme de pse tsc msr pae mce cx8 apic . syscall mtrr pge mca cmov
                pat pse36 . mp nx . mmxext mmx fxsr fxsr_opt pdpe1gb rdtscp . lm 3dnowext 3dnow\
                """),
            word(0x8000_0001, 0, Register.ECX, """
                lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt . lwp
                fma4 tce . nodeid_msr . tbm topoext perfctr_core perfctr_nb . bpext ptsc perfctr_llc mwaitx\
                """),
            word(0x8000_0007, 0, Register.EDX, ". . . . . . . . nonstop_tsc"),
            word(0x8000_0008, 0, Register.EBX, """
                clzero irperf xsaveerptr . rdpru . . . . wbnoinvd . . ibpb . ibrs stibp . stibp_always_on . . . . . amd_ppin
                amd_ssbd virt_ssbd amd_ssb_no cppc amd_psfd btc_no\
                """),
            word(0x8000_0021, 0, Register.EAX, "no_nested_data_bp . lfence_rdtsc . . . null_sel_clr_base . autoibrs"));

    /** What people also call them. */
    private static final Map<String, String> ALIASES = Map.of(
            "sse3", "pni",
            "lzcnt", "abm",
            "invtsc", "nonstop_tsc",
            "tsc_deadline", "tsc_deadline_timer",
            "sha", "sha_ni",
            "pclmul", "pclmulqdq");

    /** Feature, and what the architecture demands beside it: without the latter the former must not be announced. */
    private static final Map<String, List<String>> REQUIRES = requires();

    private static final Map<String, CpuFeature> BY_NAME = byName();

    private static final Map<String, CpuFeature> BY_CANONICAL_NAME = byCanonicalName();

    private static final int SUGGESTION_COUNT = 3;

    private CpuFeatures() {}

    private static Word word(int function, int index, Register register, String names) {
        return new Word(function, index, register, List.of(names.strip().split("\\s+")));
    }

    private static Map<String, CpuFeature> byName() {
        Map<String, List<CpuFeature.Bit>> bits = new LinkedHashMap<>();
        for (Word word : WORDS) {
            for (int bit = 0; bit < word.names.size(); bit++) {
                String name = word.names.get(bit);
                if (!name.equals(".")) {
                    bits.computeIfAbsent(name, _ -> new ArrayList<>())
                            .add(new CpuFeature.Bit(word.function, word.index, word.register, bit));
                }
            }
        }
        Map<String, CpuFeature> features = new LinkedHashMap<>();
        bits.forEach((name, places) -> features.put(name, new CpuFeature(name, places)));
        return features;
    }

    private static Map<String, List<String>> requires() {
        Map<String, List<String>> requires = new LinkedHashMap<>();
        for (Word word : WORDS) {
            for (String name : word.names) {
                if (name.startsWith("avx512") && !name.equals("avx512f")) {
                    requires.put(name, List.of("avx512f"));
                } else if (name.startsWith("avx_") || name.equals("avx10")) {
                    requires.put(name, List.of("avx2"));
                } else if (name.startsWith("amx_")) {
                    requires.put(name, List.of(name.equals("amx_tile") ? "xsave" : "amx_tile"));
                }
            }
        }
        for (String name : List.of("avx", "xsaveopt", "xsavec", "xgetbv1", "xsaves", "pku", "mpx", "osxsave")) {
            requires.put(name, List.of("xsave"));
        }
        for (String name : List.of("avx2", "fma", "f16c", "fma4", "xop", "vaes", "vpclmulqdq")) {
            requires.put(name, List.of("avx"));
        }
        requires.put("avx512f", List.of("avx2", "fma"));
        requires.put("xfd", List.of("xsaves"));
        requires.put("kvmclock-stable-bit", List.of("kvmclock"));
        requires.put("sgx_lc", List.of("sgx"));
        requires.put("skinit", List.of("svm"));
        requires.put("invpcid", List.of("pcid"));
        requires.put("tsc_deadline_timer", List.of("apic"));
        requires.put("x2apic", List.of("apic"));
        return requires;
    }

    /** All features, in the order of their leaves. */
    public static Collection<CpuFeature> all() {
        return BY_NAME.values();
    }

    /** The feature of that name; hyphens, underscores and dots count as the same, capitals as small letters. */
    public static Optional<CpuFeature> find(String name) {
        CpuFeature exact = BY_NAME.get(name);
        if (exact != null) {
            return Optional.of(exact);
        }
        String wanted = canonical(name);
        return Optional.ofNullable(BY_CANONICAL_NAME.get(ALIASES.getOrDefault(wanted, wanted)));
    }

    private static Map<String, CpuFeature> byCanonicalName() {
        Map<String, CpuFeature> features = new HashMap<>();
        BY_NAME.values().forEach(feature -> {
            CpuFeature _ = features.putIfAbsent(canonical(feature.name()), feature);
        });
        return features;
    }

    private static String canonical(String name) {
        return name.toLowerCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    }

    /** What must be announced beside {@code name}. */
    static List<String> prerequisites(String name) {
        return REQUIRES.getOrDefault(name, List.of());
    }

    /** {@code names} with all that can't be announced without them. */
    static Set<String> withDependents(Collection<String> names) {
        Set<String> closed = new LinkedHashSet<>(names);
        Deque<String> open = new ArrayDeque<>(names);
        while (!open.isEmpty()) {
            String name = open.remove();
            REQUIRES.forEach((dependent, prerequisites) -> {
                if (prerequisites.contains(name) && closed.add(dependent)) {
                    open.add(dependent);
                }
            });
        }
        return closed;
    }

    /** Names that {@code name} may have been meant for, the nearest first; none if nothing comes near. */
    static List<String> nearest(String name) {
        String wanted = canonical(name);
        return BY_NAME.keySet().stream()
                .filter(known -> EditDistance.isNear(wanted, canonical(known)))
                .sorted(Comparator.comparingInt(known -> EditDistance.between(wanted, canonical(known))))
                .limit(SUGGESTION_COUNT)
                .toList();
    }

    /** The bits of a feature word that have names; all ones for answers that are no feature words. */
    static int namedBits(CpuidEntry entry, Register register) {
        for (Word word : WORDS) {
            if (word.register == register && entry.answers(word.function, word.index)) {
                int mask = 0;
                for (int bit = 0; bit < word.names.size(); bit++) {
                    mask |= word.names.get(bit).equals(".") ? 0 : 1 << bit;
                }
                return mask;
            }
        }
        return -1;
    }
}
