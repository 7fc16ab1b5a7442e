package io.javisor.benchmarks;

import io.javisor.core.host.Libc;
import io.javisor.kvm.Kvm;
import io.javisor.kvm.KvmVm;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/**
 * A process that goes as far as the start of javisor does and then writes a byte: the differences between its stages are where the time
 * of a cold start goes.
 */
public final class StartStages {
    private StartStages() {}

    /** The stage: {@code jvm}, {@code binding} or {@code kvm}. Loads nothing that the stage does not need. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        switch (arguments[0]) {
            case "jvm" -> {}
            case "binding" -> {
                int _ = Libc.getpid();
            }
            case "kvm" -> {
                try (Kvm kvm = Kvm.open();
                        KvmVm vm = kvm.createVm("stage")) {
                    vm.irqs().createIrqchip();
                    vm.createVcpu(0).close();
                }
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            out.write('x');
            out.flush();
            Thread.sleep(60_000); // the parent kills it
        }
    }
}
