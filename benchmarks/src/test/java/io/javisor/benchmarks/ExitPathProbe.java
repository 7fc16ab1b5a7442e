package io.javisor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * What a fresh JVM loads and allocates on the vCPU's thread from the second access of each kind on. A program of its own, as what
 * another test loaded before would go unseen.
 */
final class ExitPathProbe {
    private static final String VCPU_THREAD = "bench/vcpu-0";
    private static final String LOAD = "jdk.ClassLoad";
    private static final String DEFINE = "jdk.ClassDefine";
    private static final int BATCHES = 8;
    static final int BATCH = 250;

    private ExitPathProbe() {}

    /**
     * Prints "first KIND CLASS" for each class that the first access loads, "later KIND CLASS" for those of all further ones, and
     * "allocated KIND BYTES BYTES": of the batch from the second access on, and of the best later one.
     */
    @SuppressWarnings("SystemOut") // read by the test
    public static void main(String[] arguments) throws IOException {
        for (String kind : AccessGuest.KINDS) {
            try (Recording first = start();
                    AccessGuest guest = new AccessGuest(kind)) {
                guest.run(1);
                printClasses("first " + kind, first);
                try (Recording later = start()) {
                    long before = guest.allocatedBy(BATCH);
                    long after = Long.MAX_VALUE;
                    for (int i = 1; i < BATCHES; i++) {
                        after = Math.min(after, guest.allocatedBy(BATCH));
                    }
                    printClasses("later " + kind, later);
                    System.out.println("allocated " + kind + " " + before + " " + after);
                }
            }
        }
    }

    private static Recording start() {
        Recording recording = new Recording();
        recording.enable(LOAD).withThreshold(Duration.ZERO);
        recording.enable(DEFINE);
        recording.start();
        return recording;
    }

    @SuppressWarnings("SystemOut") // read by the test
    private static void printClasses(String when, Recording recording) throws IOException {
        recording.stop();
        Path file = Files.createTempFile("exit-path", ".jfr");
        try {
            recording.dump(file);
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                if (event.getThread() != null
                        && VCPU_THREAD.equals(event.getThread().getJavaName())) {
                    boolean load = event.getEventType().getName().equals(LOAD);
                    RecordedClass loaded = event.getValue(load ? "loadedClass" : "definedClass");
                    System.out.println(when + " " + loaded.getName());
                }
            }
        } finally {
            Files.delete(file);
        }
    }
}
