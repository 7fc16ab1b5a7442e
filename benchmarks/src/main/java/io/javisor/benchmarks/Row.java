package io.javisor.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of the report's table: what is compared with what, and how far it is to reach.
 *
 * @param id of its samples
 * @param title for readers
 * @param peer the series that javisor's is compared with, or null for a row that stands for itself
 * @param reach the bound that is to be kept
 * @param measure what the bound is for
 */
record Row(String id, String title, @Nullable String peer, double reach, Measure measure) {
    static final String OURS = "javisor";
    private static final String C = "c";
    private static final String QEMU = "qemu";
    private static final String FIO = "fio";
    private static final String BUILDAH = "buildah-vfs";
    private static final String BUILDAH_OVERLAY = "buildah-overlay";
    private static final String SKOPEO = "skopeo";
    private static final String PODMAN = "podman";
    private static final String BARE = "bare";

    /** What of the samples the bound is for, and how a value of it is written. */
    enum Measure {
        /** Our median by the peer's, at most. */
        RATIO("", 1),
        /** The peer's median by ours, at least: for rates, whose samples are times. */
        SPEED("", 1),
        /** The median difference, at most. */
        ADDED_NANOS("ns", 1),
        /** The median difference, at most. */
        ADDED_MILLIS("ms", 1e-6),
        /** Our median, at most. */
        NANOS("ns", 1),
        /** The 99th percentile, at most. */
        P99_MILLIS("ms", 1e-6),
        /** Our median, at most. */
        MEDIAN_MILLIS("ms", 1e-6),
        /** Our median, at most. */
        MIB("MiB", 1),
        /** Our median, at most. */
        BYTES("B", 1);

        private final String unit;
        private final double factor;

        Measure(String unit, double factor) {
            this.unit = unit;
            this.factor = factor;
        }

        boolean higherIsBetter() {
            return this == SPEED;
        }
    }

    /** A row with today's samples. */
    record Result(
            Row row,
            Statistics.Interval interval,
            @Nullable Double ours,
            @Nullable Double theirs,
            int samples) {
        /** How it stands to its reach, and whether the samples are enough to be sure. */
        String standing() {
            if (Double.isNaN(row.reach)) {
                return "";
            }
            String spread = keeps(interval.low()) == keeps(interval.high()) ? "" : ", within the spread";
            return (keeps(interval.value()) ? "reached" : "NOT reached") + spread;
        }

        private boolean keeps(double value) {
            return row.measure.higherIsBetter() ? value >= row.reach : value <= row.reach;
        }

        /** Whether the whole interval lies on the bad side of an earlier one. */
        boolean worseThan(Statistics.Interval earlier) {
            return row.measure.higherIsBetter() ? interval.high() < earlier.low() : interval.low() > earlier.high();
        }

        String text() {
            return row.format(interval.value()) + " (" + row.format(interval.low()) + " to "
                    + row.format(interval.high()) + ")";
        }
    }

    static List<Row> all() {
        return List.of(
                new Row("exit/out1", "exit: port write, 1 byte", C, 250, Measure.ADDED_NANOS),
                new Row("exit/out2", "exit: port write, 2 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/out4", "exit: port write, 4 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/in1", "exit: port read, 1 byte", C, 250, Measure.ADDED_NANOS),
                new Row("exit/in2", "exit: port read, 2 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/in4", "exit: port read, 4 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-write1", "exit: MMIO write, 1 byte", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-write2", "exit: MMIO write, 2 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-write4", "exit: MMIO write, 4 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-write8", "exit: MMIO write, 8 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-read1", "exit: MMIO read, 1 byte", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-read2", "exit: MMIO read, 2 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-read4", "exit: MMIO read, 4 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/mmio-read8", "exit: MMIO read, 8 bytes", C, 250, Measure.ADDED_NANOS),
                new Row("exit/outs1", "exit: string output, rep outsb", C, 250, Measure.ADDED_NANOS),
                new Row("exit/ins1", "exit: string input, rep insb of 64", C, 250, Measure.ADDED_NANOS),
                new Row("binding/ioctl", "binding: a trivial ioctl, by jffi", C, 150, Measure.ADDED_NANOS),
                new Row("binding/jnrFfi", "binding: the same by jnr-ffi", C, Double.NaN, Measure.ADDED_NANOS),
                new Row("binding/ffm", "binding: the same by java.lang.foreign", C, Double.NaN, Measure.ADDED_NANOS),
                new Row("exit-allocation", "allocated an exit, vCPU thread", null, 0, Measure.BYTES),
                new Row("exit-tail/p99.9", "exit, 99.9th percentile", C, Double.NaN, Measure.RATIO),
                new Row("dispatch/out1/1", "dispatch: port write, 1 device", null, 60, Measure.NANOS),
                new Row("dispatch/out1/64", "dispatch: port write, 64 devices", null, 60, Measure.NANOS),
                new Row("dispatch/mmio-read8/1", "dispatch: MMIO read, 1 device", null, 60, Measure.NANOS),
                new Row("dispatch/mmio-read8/64", "dispatch: MMIO read, 64 devices", null, 60, Measure.NANOS),
                new Row("irq-busy", "interrupt: irqfd to handler's port write", C, 1.05, Measure.RATIO),
                new Row("irq-halted", "interrupt: the same out of HLT", C, 1.05, Measure.RATIO),
                new Row("cold-start", "cold start: exec to first guest instruction", QEMU, 1.3, Measure.RATIO),
                new Row("warm-start", "warm start: a further machine", C, 1.5, Measure.RATIO),
                new Row("warm-start", "warm start: time", null, 5, Measure.MEDIAN_MILLIS),
                new Row("boot", "boot: exec to /init, default guest", QEMU, 1.0, Measure.RATIO),
                new Row("bzimage", "boot: Debian's bzImage to its first line", QEMU, 0.3, Measure.RATIO),
                new Row("memory", "memory: peak less the guest's", QEMU, 1.0, Measure.RATIO),
                new Row("many/memory", "200 machines: memory each", null, 2.5, Measure.MIB),
                new Row("many/cpu", "200 machines: starts a second of CPU time", C, 0.8, Measure.SPEED),
                new Row("pause", "pause, 99th percentile", null, 10, Measure.P99_MILLIS),
                new Row("resume", "resume, 99th percentile", null, 10, Measure.P99_MILLIS),
                new Row("stop", "stop, 99th percentile", null, 10, Measure.P99_MILLIS),
                new Row("guest-memory", "device memory access against a raw segment", "raw", 2, Measure.RATIO),
                new Row("queue/1", "queue walk: a descriptor of chains of one", null, 100, Measure.NANOS),
                new Row("queue/4", "queue walk: a descriptor of chains of four", null, 100, Measure.NANOS),
                new Row("queue/4-indirect", "queue walk: the same in indirect tables", null, 100, Measure.NANOS),
                new Row("queue/4", "queue walk: allocated a descriptor", null, 0.01, Measure.BYTES),
                new Row("disk/randread/cached", "disk: 4 KiB random reads, page cache", FIO, 0.9, Measure.SPEED),
                new Row("disk/randwrite/cached", "disk: 4 KiB random writes, page cache", FIO, 0.9, Measure.SPEED),
                new Row("disk/read/cached", "disk: 128 KiB reads, page cache", FIO, 0.9, Measure.SPEED),
                new Row("disk/write/cached", "disk: 128 KiB writes, page cache", FIO, 0.9, Measure.SPEED),
                new Row("disk/randread/direct", "disk: 4 KiB random reads, O_DIRECT", FIO, 0.9, Measure.SPEED),
                new Row("disk/randwrite/direct", "disk: 4 KiB random writes, O_DIRECT", FIO, 0.9, Measure.SPEED),
                new Row("disk/read/direct", "disk: 128 KiB reads, O_DIRECT", FIO, 0.9, Measure.SPEED),
                new Row("disk/write/direct", "disk: 128 KiB writes, O_DIRECT", FIO, 0.9, Measure.SPEED),
                new Row("net/60", "net: frames of 60 bytes sent back", C, 0.9, Measure.SPEED),
                new Row("net/1514", "net: frames of 1514 bytes sent back", C, 0.9, Measure.SPEED),
                new Row("net/60/cpu", "net: CPU time of a frame of 60 bytes", C, Double.NaN, Measure.RATIO),
                new Row("net/1514/cpu", "net: CPU time of a frame of 1514 bytes", C, Double.NaN, Measure.RATIO),
                new Row("engine/boot", "engine: stock kernel, exec to /init", QEMU, 1.3, Measure.RATIO),
                new Row("engine/boot/cpu", "engine: the same in CPU time", QEMU, Double.NaN, Measure.RATIO),
                new Row("engine/prompt", "engine: exec to the shell's prompt", QEMU, 1.3, Measure.RATIO),
                new Row("engine/processes", "engine: 400 process starts", QEMU, 0.7, Measure.RATIO),
                new Row("engine/processes/cpu", "engine: the same in CPU time", QEMU, Double.NaN, Measure.RATIO),
                new Row("engine/loops", "engine: the integer loops' mean speed", QEMU, 1.3, Measure.SPEED),
                new Row("engine/loop/sse2", "engine: an SSE2 loop's speed", QEMU, 5, Measure.SPEED),
                new Row("engine/loop/x87", "engine: an x87 loop's speed", QEMU, 10, Measure.SPEED),
                new Row("engine/smp", "engine: two busy vCPUs against one", "javisor, one", 1.7, Measure.SPEED),
                program("aes-128-cbc/warm", "AES-128-CBC, warm"),
                programCpu("aes-128-cbc/warm"),
                program("aes-128-gcm/warm", "AES-128-GCM, warm"),
                programCpu("aes-128-gcm/warm"),
                program("sha256/warm", "SHA-256, warm"),
                programCpu("sha256/warm"),
                program("sha256-plain/warm", "SHA-256, no SHA-NI, warm"),
                programCpu("sha256-plain/warm"),
                program("rsa2048-private/warm", "RSA-2048, signing, warm"),
                programCpu("rsa2048-private/warm"),
                program("rsa2048-public/warm", "RSA-2048, verifying, warm"),
                programCpu("rsa2048-public/warm"),
                program("sqlite3/warm", "sqlite3, warm"),
                programCpu("sqlite3/warm"),
                program("python3/warm", "python3, warm"),
                programCpu("python3/warm"),
                program("gcc/warm", "gcc, warm"),
                programCpu("gcc/warm"),
                program("aes-128-cbc/cold", "AES-128-CBC, cold"),
                programCpu("aes-128-cbc/cold"),
                program("aes-128-gcm/cold", "AES-128-GCM, cold"),
                programCpu("aes-128-gcm/cold"),
                program("sha256/cold", "SHA-256, cold"),
                programCpu("sha256/cold"),
                program("sha256-plain/cold", "SHA-256, no SHA-NI, cold"),
                programCpu("sha256-plain/cold"),
                program("rsa2048-private/cold", "RSA-2048, signing, cold"),
                programCpu("rsa2048-private/cold"),
                program("rsa2048-public/cold", "RSA-2048, verifying, cold"),
                programCpu("rsa2048-public/cold"),
                program("sqlite3/cold", "sqlite3, cold"),
                programCpu("sqlite3/cold"),
                program("python3/cold", "python3, cold"),
                programCpu("python3/cold"),
                program("gcc/cold", "gcc, cold"),
                programCpu("gcc/cold"),
                new Row("engine/warm-start", "engine: a further machine", null, 5, Measure.MEDIAN_MILLIS),
                new Row("engine/memory", "engine: memory, peak less the guest's", null, 120, Measure.MIB),
                new Row("engine/idle", "engine: idle for a minute, CPU time", QEMU, 2, Measure.RATIO),
                new Row("engine/pause", "engine: pause, 99th percentile", null, 10, Measure.P99_MILLIS),
                new Row("engine/resume", "engine: resume, 99th percentile", null, 10, Measure.P99_MILLIS),
                new Row("engine/stop", "engine: stop, 99th percentile", null, 10, Measure.P99_MILLIS),
                new Row("images/pull/" + BUILDAH, "images: pull, made runnable, beside vfs", BUILDAH, 2, Measure.SPEED),
                new Row(
                        "images/pull/cpu/" + BUILDAH,
                        "images: the same in CPU time",
                        BUILDAH,
                        Double.NaN,
                        Measure.SPEED),
                new Row(
                        "images/pull/" + BUILDAH_OVERLAY,
                        "images: the same beside overlay",
                        BUILDAH_OVERLAY,
                        2,
                        Measure.SPEED),
                new Row("images/pull/" + SKOPEO, "images: pull by a copy's time", SKOPEO, Double.NaN, Measure.RATIO),
                new Row("images/again/" + BUILDAH, "images: pulled again", BUILDAH, Double.NaN, Measure.RATIO),
                new Row("images/second", "images: a second one on the same base", null, 300, Measure.MEDIAN_MILLIS),
                new Row("images/second/own", "images: the same, less a start", "start", 300, Measure.ADDED_MILLIS),
                new Row("images/second/" + BUILDAH, "images: the same beside vfs", BUILDAH, Double.NaN, Measure.RATIO),
                new Row(
                        "images/second/" + BUILDAH_OVERLAY,
                        "images: the same beside overlay",
                        BUILDAH_OVERLAY,
                        Double.NaN,
                        Measure.RATIO),
                new Row("images/disk/" + BUILDAH, "images: disk used", BUILDAH, Double.NaN, Measure.MIB),
                new Row(
                        "images/disk-second/" + BUILDAH,
                        "images: disk of the second",
                        BUILDAH,
                        Double.NaN,
                        Measure.MIB),
                new Row(
                        "images/disk-second/" + BUILDAH_OVERLAY,
                        "images: the same beside overlay",
                        BUILDAH_OVERLAY,
                        Double.NaN,
                        Measure.MIB),
                new Row(
                        "containers/run/" + PODMAN,
                        "containers: run --rm IMAGE true",
                        PODMAN,
                        Double.NaN,
                        Measure.RATIO),
                new Row(
                        "containers/run/cpu/" + PODMAN,
                        "containers: the same in CPU time",
                        PODMAN,
                        Double.NaN,
                        Measure.RATIO),
                new Row(
                        "containers/run/" + BARE,
                        "containers: run less a bare boot",
                        BARE,
                        Double.NaN,
                        Measure.ADDED_MILLIS),
                new Row(
                        "containers/run/cpu/" + BARE,
                        "containers: the same in CPU time",
                        BARE,
                        Double.NaN,
                        Measure.ADDED_MILLIS),
                new Row("containers/exec/" + PODMAN, "containers: exec NAME true", PODMAN, Double.NaN, Measure.RATIO),
                new Row(
                        "containers/exec/cpu/" + PODMAN,
                        "containers: the same in CPU time",
                        PODMAN,
                        Double.NaN,
                        Measure.RATIO),
                new Row(
                        "containers/output/" + PODMAN,
                        "containers: a MiB of output",
                        PODMAN,
                        Double.NaN,
                        Measure.RATIO),
                new Row("containers/disk", "containers: disk of a further one", null, 5, Measure.MIB));
    }

    /** A program of Debian's in a guest, cold when it runs for the first time, with Java's compilers, too. */
    private static Row program(String id, String title) {
        return new Row("engine/program/" + id, "engine: " + title, QEMU, 1, Measure.SPEED);
    }

    private static Row programCpu(String id) {
        return new Row(
                "engine/program/" + id + "/cpu", "engine: the same in CPU time", QEMU, Double.NaN, Measure.SPEED);
    }

    /** Names the row's value in {@code ratios.tsv}. */
    String key() {
        return id + (measure == Measure.MEDIAN_MILLIS ? "/time" : measure == Measure.BYTES ? "/bytes" : "");
    }

    /** Null where the row was not measured. */
    @Nullable
    Result result(Map<String, List<Double>> series) {
        List<Double> ours = series.get(measure == Measure.BYTES ? "bytes" : OURS);
        List<Double> theirs = peer == null ? null : series.get(peer);
        if (ours == null || (peer != null && theirs == null)) {
            return null;
        }
        double[] a = Statistics.array(ours);
        double[] b = theirs == null ? new double[0] : Statistics.array(theirs);
        Statistics.Interval interval =
                switch (measure) {
                    case RATIO -> Statistics.ratio(a, b);
                    case SPEED -> Statistics.ratio(b, a);
                    case ADDED_NANOS, ADDED_MILLIS -> Statistics.difference(a, b);
                    case P99_MILLIS -> Statistics.percentileOf(a, 0.99);
                    case NANOS, MEDIAN_MILLIS, MIB, BYTES -> Statistics.medianOf(a);
                };
        return new Result(
                this,
                new Statistics.Interval(
                        interval.value() * measure.factor,
                        interval.low() * measure.factor,
                        interval.high() * measure.factor),
                Statistics.median(a),
                theirs == null ? null : Statistics.median(b),
                ours.size());
    }

    String reachText() {
        if (Double.isNaN(reach)) {
            return "";
        }
        return (measure.higherIsBetter() ? "≥ " : "≤ ")
                + String.format(Locale.ROOT, reach == Math.rint(reach) ? "%.0f" : "%.2f", reach)
                + (measure.unit.isEmpty() ? "" : " " + measure.unit);
    }

    /** A value of the row's measure, with its unit. */
    String format(double value) {
        return switch (measure) {
            case RATIO, SPEED -> String.format(Locale.ROOT, "%.2f", value);
            case ADDED_NANOS -> String.format(Locale.ROOT, "%.0f ns", value);
            case NANOS -> String.format(Locale.ROOT, "%.1f ns", value);
            case BYTES -> String.format(Locale.ROOT, "%.3f B", value);
            case P99_MILLIS, MEDIAN_MILLIS, ADDED_MILLIS, MIB ->
                String.format(Locale.ROOT, "%.2f %s", value, measure.unit);
        };
    }

    /** A sample, with a unit that suits its size. */
    String formatSample(@Nullable Double value) {
        if (value == null) {
            return "";
        }
        if (id.equals("memory")) {
            return String.format(Locale.ROOT, "%.1f MiB", value / 1024);
        }
        if (measure == Measure.MIB || measure == Measure.BYTES) {
            return format(value);
        }
        if (value < 10_000) {
            return String.format(Locale.ROOT, value < 100 ? "%.1f ns" : "%.0f ns", value);
        }
        if (value < 10e6) {
            return String.format(Locale.ROOT, "%.1f µs", value / 1e3);
        }
        return value < 10e9
                ? String.format(Locale.ROOT, "%.1f ms", value / 1e6)
                : String.format(Locale.ROOT, "%.1f s", value / 1e9);
    }
}
