package io.javisor.machine.host;

import io.javisor.images.ImageException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** For what reads data from outside: if its stack or the heap does not suffice, that is the data's fault, and not the end of the process. */
final class OwnStack {
    /** Far more than the parsers' limits let them use. */
    private static final long STACK_SIZE = 4 << 20;

    private OwnStack() {}

    /**
     * What {@code parser} gives, or throws, run on a thread of its own. Waits for it without regard to interrupts.
     *
     * @param name of what it reads, for messages
     * @throws ImageException in one line, if there was too little of the stack or the heap
     */
    static <T> T call(String name, Supplier<T> parser) {
        FutureTask<T> task = new FutureTask<>(parser::get);
        Thread thread = new Thread(null, task, "parser of " + name, STACK_SIZE);
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case StackOverflowError _ ->
                    new ImageException(name + ": it is nested too deep to be read: it is damaged, or made to do so");
                case OutOfMemoryError error ->
                    new ImageException(name
                            + (String.valueOf(error.getMessage()).startsWith("mmap")
                                    ? ": the host has too little memory to read it: " + error.getMessage()
                                    : ": the Java heap does not suffice to read it: it is damaged, or made to do so"));
                case RuntimeException ofParser -> ofParser;
                case Error ofParser -> throw ofParser;
                case null, default -> new IllegalStateException(e);
            };
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
