package io.javisor.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A virtio disk by its driver's side against fio with the same engine and depth on the same file, in turn. */
final class DiskRequests {
    /** So many requests are in flight on both sides. */
    static final int DEPTH = 16;

    /** Fits the page cache; the runs without it go to the host's disk. */
    static final long FILE_SIZE = 64 << 20;

    private static final int WARM_UP_MILLIS = 2000;

    private static final Pattern TOTAL_IOS = Pattern.compile("\"total_ios\" : ([0-9]+)");
    private static final Pattern RUNTIME = Pattern.compile("\"job_runtime\" : ([0-9]+)");

    /** What is asked for. */
    enum Load {
        RANDOM_READ("randread", 4 << 10, false),
        RANDOM_WRITE("randwrite", 4 << 10, true),
        READ("read", 128 << 10, false),
        WRITE("write", 128 << 10, true);

        final String fioName;
        final int sizeBytes;
        final boolean write;

        Load(String fioName, int sizeBytes, boolean write) {
            this.fioName = fioName;
            this.sizeBytes = sizeBytes;
            this.write = write;
        }
    }

    private final Samples samples;
    private final Path file;

    DiskRequests(Samples samples, Path directory) throws IOException {
        this.samples = samples;
        this.file = directory.resolve("disk.img");
        byte[] part = new byte[1 << 20];
        java.util.Arrays.fill(part, (byte) 0x55); // no holes
        try (var out = Files.newOutputStream(file)) {
            for (long at = 0; at < FILE_SIZE; at += part.length) {
                out.write(part);
            }
        }
    }

    void measure(int pairs, int millis) throws IOException, InterruptedException {
        try {
            warmUp();
            for (Load load : Load.values()) {
                for (boolean direct : new boolean[] {false, true}) {
                    String row = "disk/" + load.fioName + (direct ? "/direct" : "/cached");
                    try (DiskBench bench = new DiskBench(file, direct)) {
                        double _ = bench.nanosOfOne(load, millis); // what an earlier run left to write
                        for (int pair = 0; pair < pairs; pair++) {
                            samples.add(row, "javisor", bench.nanosOfOne(load, millis));
                            samples.add(row, "fio", fio(load, direct, millis));
                        }
                    }
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    /** So that the compilers have come to the way of a request, as they have in a guest that has booted from its disk. */
    private void warmUp() {
        for (boolean direct : new boolean[] {false, true}) {
            try (DiskBench bench = new DiskBench(file, direct)) {
                for (Load load : Load.values()) {
                    double _ = bench.nanosOfOne(load, WARM_UP_MILLIS);
                }
            }
        }
    }

    private double fio(Load load, boolean direct, int millis) throws IOException, InterruptedException {
        Process fio = new ProcessBuilder(List.of(
                        "fio",
                        "--name=peer",
                        "--filename=" + file,
                        "--rw=" + load.fioName,
                        "--bs=" + load.sizeBytes,
                        "--size=" + FILE_SIZE,
                        "--ioengine=io_uring",
                        "--iodepth=" + DEPTH,
                        "--direct=" + (direct ? 1 : 0),
                        "--invalidate=0",
                        "--norandommap",
                        "--random_generator=lfsr",
                        "--gtod_reduce=1",
                        "--time_based",
                        "--runtime=" + millis + "ms",
                        "--output-format=json"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(fio.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = fio.waitFor();
        long done = sum(TOTAL_IOS, output);
        if (status != 0 || done == 0) {
            throw new IllegalStateException("fio: status " + status + ": " + output);
        }
        return (double) TimeUnit.MILLISECONDS.toNanos(sum(RUNTIME, output)) / done;
    }

    private static long sum(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        long sum = 0;
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1));
        }
        return sum;
    }
}
