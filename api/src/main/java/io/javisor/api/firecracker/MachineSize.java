package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MemoryConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Firecracker's {@code MachineConfiguration}, of which only the fields that can differ here are kept.
 *
 * @param hugePages {@code None}, {@code Transparent} or {@code 2M}
 */
record MachineSize(int vcpus, long memoryMib, String hugePages) {
    static final MachineSize DEFAULT = new MachineSize(1, 128, "None");

    private static final int MAX_VCPUS = 32; // as published
    private static final long MAX_MEMORY_MIB = 1L << 32; // 2^52 bytes, what a PC can address
    private static final List<String> CPU_TEMPLATES = List.of("None", "C3", "T2", "T2S", "T2CL", "T2A", "V1N1");

    /** That of a machine that was made otherwise, in whole MiB. */
    static MachineSize of(MachineConfig config) {
        String pages =
                switch (config.memory().backing().kind()) {
                    case HUGETLB -> "2M";
                    case ANON, MEMFD ->
                        config.memory().backing().thp() == MemoryBackingConfig.Thp.ON ? "Transparent" : "None";
                };
        return new MachineSize(config.cpus().count(), config.memory().sizeBytes() >> 20, pages);
    }

    /** All of it: what is not said is as at first. */
    static MachineSize read(JsonFields fields) {
        long _ = fields.requireNumber("vcpu_count", 1, MAX_VCPUS);
        long _ = fields.requireNumber("mem_size_mib", 1, MAX_MEMORY_MIB);
        return DEFAULT.changed(fields);
    }

    /** With some of it changed. */
    MachineSize changed(JsonFields fields) {
        Long count = fields.number("vcpu_count", 1, MAX_VCPUS);
        Long mib = fields.number("mem_size_mib", 1, MAX_MEMORY_MIB);
        String pages = fields.oneOf("huge_pages", List.of("None", "Transparent", "2M"));
        refuse(fields.bool("smt"), "smt", "javisor's CPUs have one thread each");
        refuse(fields.bool("track_dirty_pages"), "track_dirty_pages", "there are no snapshots");
        String template = fields.oneOf("cpu_template", CPU_TEMPLATES);
        if (template != null && !template.equals("None")) {
            throw Fault.badRequest("\"cpu_template\": " + template + " is not supported; leave it out, or say None");
        }
        fields.end();
        MachineSize changed = new MachineSize(
                count == null ? vcpus : count.intValue(),
                mib == null ? memoryMib : mib,
                pages == null ? hugePages : pages);
        try {
            MemoryConfig.requireSize(changed.memoryBytes());
        } catch (ConfigException e) {
            throw Fault.badRequest("\"mem_size_mib\": " + e.getMessage());
        }
        if (changed.hugePages.equals("2M") && changed.memoryMib % 2 != 0) {
            throw Fault.badRequest("\"mem_size_mib\" must be even with huge pages of 2M, not " + changed.memoryMib);
        }
        return changed;
    }

    private static void refuse(@Nullable Boolean value, String field, String why) {
        if (value != null && value) {
            throw Fault.badRequest("\"" + field + "\" is not supported: " + why);
        }
    }

    long memoryBytes() {
        return memoryMib << 20;
    }

    MemoryBackingConfig backing() {
        return switch (hugePages) {
            case "2M" -> MemoryBackingConfig.parse("hugetlb");
            case "Transparent" -> MemoryBackingConfig.parse("anon,thp=on");
            default -> MemoryBackingConfig.DEFAULT;
        };
    }

    Map<String, @Nullable Object> view() {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("vcpu_count", vcpus);
        view.put("mem_size_mib", memoryMib);
        view.put("smt", false);
        view.put("track_dirty_pages", false);
        view.put("huge_pages", hugePages);
        return view;
    }
}
