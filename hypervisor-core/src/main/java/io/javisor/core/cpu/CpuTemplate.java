package io.javisor.core.cpu;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A named choice of features: what of the host's offer a guest sees. None shows nested virtualization (vmx, svm) or enclaves (sgx), which let a guest
 * reach far more of the host's kernel, and which few guests use; {@link CpuConfig#shown} does.
 */
@SuppressWarnings("ImmutableEnumChecker") // the sets are made by Set.copyOf
public enum CpuTemplate {
    /** All that the engine offers on this host, but what no template shows. */
    HOST("host", "all that the engine offers on this host but vmx, svm and sgx", Set.of(), Set.of()),

    /** The instructions of x86-64-v2 and no more. */
    X86_64_V2("x86-64-v2", "the instructions of the psABI's level 2 (2009) and no more", Isa.V2, Isa.beyond(Isa.V2)),

    /** The instructions of x86-64-v3 and no more. */
    X86_64_V3("x86-64-v3", "the instructions of the psABI's level 3 (2013) and no more", Isa.V3, Isa.beyond(Isa.V3));

    /** Instruction-set extensions that user programs use without the kernel's leave, and the levels that group them. */
    private static final class Isa {
        // System V ABI, AMD64 supplement, §3.1.1, table 3.1; syscall and the x87 are in level 1
        static final Set<String> V1 = names("cmov cx8 fpu fxsr mmx syscall sse sse2");
        static final Set<String> V2 = join(V1, names("cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"));
        static final Set<String> V3 = join(V2, names("avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"));

        private static final Set<String> ALL = join(
                V3,
                names("pclmulqdq aes rdrand monitor avx512f rdseed adx sha_ni clflushopt clwb hle rtm prefetchwt1"
                        + " waitpkg gfni vaes vpclmulqdq rdpid kl cldemote movdiri movdir64b enqcmd serialize"
                        + " tsxldtrk uintr amx_tile sha512 sm3 sm4 cmpccxadd hreset avx_vnni avx_ifma avx10"
                        + " prefetchi mmxext 3dnowext 3dnow sse4a misalignsse 3dnowprefetch xop lwp fma4 tbm"
                        + " mwaitx clzero rdpru wbnoinvd mpx pku xsaveopt xsavec xgetbv1"));

        static Set<String> beyond(Set<String> level) {
            Set<String> beyond = new LinkedHashSet<>(ALL);
            beyond.removeAll(level);
            // Level 3 needs the AVX state to be saved: how it is saved is the kernel's business.
            if (level.contains("xsave")) {
                beyond.removeAll(names("xsaveopt xsavec xgetbv1"));
            }
            return beyond;
        }

        private static Set<String> join(Set<String> one, Set<String> other) {
            Set<String> both = new LinkedHashSet<>(one);
            both.addAll(other);
            return both;
        }
    }

    private final String name;
    private final String description;
    private final Set<String> required;
    private final Set<String> hidden;

    CpuTemplate(String name, String description, Set<String> required, Set<String> hidden) {
        this.name = name;
        this.description = description;
        this.required = Set.copyOf(required);
        Set<String> all = new LinkedHashSet<>(hidden);
        all.addAll(names("vmx svm sgx"));
        this.hidden = Set.copyOf(CpuFeatures.withDependents(all));
    }

    private static Set<String> names(String names) {
        return new LinkedHashSet<>(List.of(names.split(" ")));
    }

    /** The template of that name, as users write it. */
    public static Optional<CpuTemplate> find(String name) {
        return Arrays.stream(values())
                .filter(template -> template.name.equals(name))
                .findFirst();
    }

    /** As users write it. */
    public String templateName() {
        return name;
    }

    /** One line for a help text. */
    public String description() {
        return description;
    }

    /** Names of features that the host must have. */
    public Set<String> required() {
        return required;
    }

    /** Names of features that the guest does not see. */
    public Set<String> hidden() {
        return hidden;
    }

    /** Whether bits without a name are hidden too: then tomorrow's features don't show through a fixed level. */
    boolean hidesUnnamed() {
        return !required.isEmpty();
    }
}
