package io.javisor.benchmarks;

import io.javisor.kvm.KvmHost;

/** Tells {@code benchmarks/run} why this host's KVM does not count, in one line; prints nothing where it does. */
public final class KvmObstacle {
    private KvmObstacle() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        KvmHost.look().obstacle().ifPresent(System.out::println);
    }
}
