package io.javisor.core.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What an engine can show to guests on this host.
 *
 * @param supported what CPUID may answer
 * @param tscDeadlineTimer whether the local APIC's timer has TSC-deadline mode, which {@code supported} may not say
 * @param tscKhz frequency of the time stamp counter in kHz; 0 if unknown
 */
public record HostCpu(List<CpuidEntry> supported, boolean tscDeadlineTimer, int tscKhz) {
    /** Where Linux describes its processors. */
    public static final Path CPUINFO = Path.of("/proc/cpuinfo");

    private static final String TSC_DEADLINE_TIMER = "tsc_deadline_timer";

    public HostCpu {
        supported = List.copyOf(supported);
    }

    /** Whether the engine offers the feature. */
    public boolean supports(String name) {
        if (tscDeadlineTimer && name.equals(TSC_DEADLINE_TIMER)) {
            return true;
        }
        CpuFeature feature = CpuFeatures.find(name).orElseThrow();
        for (CpuFeature.Bit bit : feature.bits()) {
            for (CpuidEntry entry : supported) {
                if (bit.isIn(entry) && (entry.register(bit.register()) & bit.mask()) != 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * The features of the first processor by Linux's names; none where the file cannot be read.
     *
     * @param cpuinfo {@link #CPUINFO}, or a copy
     */
    public static Set<String> flags(Path cpuinfo) {
        try (Stream<String> lines = Files.lines(cpuinfo, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Set.copyOf(List.of(
                            line.substring(line.indexOf(':') + 1).strip().split("\\s+"))))
                    .orElse(Set.of());
        } catch (IOException | UncheckedIOException e) {
            return Set.of();
        }
    }
}
