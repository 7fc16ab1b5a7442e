package io.javisor.core.event;

import static io.javisor.core.host.HostConstants.EPOLLIN;
import static io.javisor.core.host.HostConstants.EPOLL_CTL_ADD;
import static io.javisor.core.host.HostConstants.EPOLL_CTL_DEL;
import static io.javisor.core.host.HostConstants.EPOLL_CTL_MOD;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One thread that waits in epoll(7) for descriptors, timers and tasks, and runs their handlers one after the other. Nothing that
 * runs here may block: see {@link WorkerPool}. In steady state the loop allocates nothing, and while it waits it holds up neither
 * the collector nor anyone else.
 *
 * <p>Any thread may call anything. What a handler, timer or task throws is logged, at most once a second, and the loop goes on.
 */
public final class EventLoop implements Executor, Timers, AutoCloseable {
    /** How many tasks may wait: more says that the loop is stuck. */
    public static final int MAX_TASKS = 4096;

    private static final int MAX_EVENTS = 64;
    private static final int FIRST_SLOTS = 16;

    private final String name;
    private final Fd epoll;
    private final EventFd wakeup;
    private final Thread thread;
    private final FailureLog failures;
    private final TimerQueue timers = new TimerQueue(this);

    /** Guards the slots, what is passed to epoll_ctl, the end actions and {@code ended}. */
    private final Object lock = new Object();

    private final MemorySegment controlEvent = Arena.ofAuto().allocate(EpollEventLayout.SIZE, Integer.BYTES);
    // The loop reads it without the lock. It may then see an old entry, which its token or its state gives away.
    private volatile @Nullable Registration[] slots = new @Nullable Registration[FIRST_SLOTS];
    private final List<Runnable> endActions = new ArrayList<>();
    private int registrations;
    private boolean ended;

    /** Guards the tasks, {@code wakeupPending} and the change of {@code closed}. */
    private final Object taskLock = new Object();

    private ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private ArrayDeque<Runnable> runningTasks = new ArrayDeque<>(); // the loop's own
    private boolean wakeupPending;
    private volatile boolean closed;

    private EventLoop(String name) {
        this.name = name;
        this.failures = new FailureLog(name);
        this.epoll = Fd.own("epoll of " + name, Libc.epollCreate1(HostConstants.EPOLL_CLOEXEC));
        EventFd eventFd = null;
        try {
            eventFd = EventFd.create("wake-up of " + name);
            this.wakeup = eventFd;
            Registration _ = register(eventFd.fd(), EPOLLIN, this::wokenUp);
            this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
            thread.start();
        } catch (Throwable e) {
            if (eventFd != null) {
                eventFd.close();
            }
            epoll.close();
            throw e;
        }
    }

    /**
     * Starts a loop.
     *
     * @param threadName the name of its thread, such as {@code NAME/io-loop}
     * @throws HostException if the process has no descriptors left
     */
    public static EventLoop start(String threadName) {
        return new EventLoop(threadName);
    }

    public String name() {
        return name;
    }

    /** Whether the caller is the loop's own thread. */
    public boolean isLoopThread() {
        return Thread.currentThread() == thread;
    }

    /** How often a handler, timer or task has thrown. */
    public long failureCount() {
        return failures.count();
    }

    /**
     * Watches a descriptor, level-triggered unless {@code events} has {@code EPOLLET}. The registration is to be closed before the
     * descriptor.
     *
     * @param events {@code EPOLLIN}, {@code EPOLLOUT}, …
     * @throws HostException if epoll refuses it, as it does regular files and directories (EPERM)
     * @throws IllegalStateException if the loop is closed
     */
    public Registration register(Fd fd, int events, EventHandler handler) {
        return register(fd.name(), fd.value(), events, handler);
    }

    /** As {@link #register(Fd, int, EventHandler)}, for a descriptor that something else owns. */
    public Registration register(String fdName, int fd, int events, EventHandler handler) {
        synchronized (lock) {
            requireOpen();
            int slot = freeSlot();
            registrations++;
            long token = ((long) registrations << Integer.SIZE) | slot;
            Registration registration = new Registration(this, fdName, fd, handler, token);
            setSlot(slot, registration);
            int result = control(EPOLL_CTL_ADD, registration, events);
            if (result < 0) {
                setSlot(slot, null);
                String reason = result == -Errno.EPERM
                        ? ": it is a regular file or a directory, which are always ready; leave them to the worker pool"
                        : "";
                throw new HostException("epoll_ctl(ADD, " + fdName + ", fd " + fd + ")" + reason, -result);
            }
            return registration;
        }
    }

    void modify(Registration registration, int events) {
        synchronized (lock) {
            requireOpen();
            if (slots[registration.slot()] != registration) {
                throw new IllegalStateException(registration + " is closed");
            }
            int result = control(EPOLL_CTL_MOD, registration, events);
            if (result < 0) {
                throw new HostException("epoll_ctl(MOD, " + registration + ")", -result);
            }
        }
    }

    void remove(Registration registration) {
        synchronized (lock) {
            if (!ended && slots[registration.slot()] == registration) {
                setSlot(registration.slot(), null);
                // It fails if the descriptor is closed already, against the rule: then there is nothing to remove.
                int _ = control(EPOLL_CTL_DEL, registration, 0);
            }
        }
    }

    /**
     * Runs {@code task} on the loop, after those given before. Every task that is accepted runs, at the latest when the loop
     * closes.
     *
     * @throws RejectedExecutionException if the loop is closed, or {@link #MAX_TASKS} are waiting
     */
    @Override
    public void execute(Runnable task) {
        int waiting = enqueue(task, MAX_TASKS);
        if (waiting < 0) {
            throw new RejectedExecutionException(
                    closed ? name + " is closed" : name + " has " + MAX_TASKS + " tasks waiting already");
        }
    }

    /** As {@link #execute} for tasks whose number is bounded elsewhere. Returns false if the loop is closed. */
    public boolean executeCompletion(Runnable task) {
        return enqueue(task, Integer.MAX_VALUE) >= 0;
    }

    private int enqueue(Runnable task, int limit) {
        synchronized (taskLock) {
            if (closed || tasks.size() >= limit) {
                return -1;
            }
            tasks.add(task);
            if (!wakeupPending && !isLoopThread()) { // the loop itself looks before it waits
                wakeupPending = true;
                wakeup.signal();
            }
            return tasks.size();
        }
    }

    /**
     * Waits until what the loop is doing, and every task that was given to it before, is through. Not on the loop itself.
     *
     * @return false if the time ran out first
     * @throws RejectedExecutionException as {@link #execute} does
     */
    public boolean awaitTurn(long timeoutNanos) throws InterruptedException {
        CountDownLatch turned = new CountDownLatch(1);
        execute(turned::countDown);
        return turned.await(timeoutNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public Timer newTimer(String timerName, Runnable expiry) {
        return timers.newTimer(timerName, expiry);
    }

    /**
     * Has {@code action} run on the loop's thread when the loop ends, after the last task: for what must not outlive that thread, such
     * as I/O in flight. It may block for a while.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public void addEndAction(Runnable action) {
        synchronized (lock) {
            requireOpen();
            endActions.add(action);
        }
    }

    /** Takes back what {@link #addEndAction} was given; it may be running already. */
    public void removeEndAction(Runnable action) {
        synchronized (lock) {
            endActions.remove(action);
        }
    }

    FailureLog failures() {
        return failures;
    }

    /**
     * Ends the loop after the handler that is running and the tasks that are waiting, and waits for that; on the loop itself it
     * returns at once. Registrations and timers end with it, descriptors stay open. Does nothing the second time but wait.
     *
     * @throws IllegalStateException if a handler has not returned for 10 s
     */
    @Override
    public void close() {
        synchronized (taskLock) {
            if (!closed) {
                closed = true;
                wakeup.signal();
            }
        }
        if (!isLoopThread() && !Waits.join(thread, Waits.LIMIT_NANOS)) {
            throw new IllegalStateException(name + " has not ended for 10 s: it is at " + Waits.position(thread));
        }
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate((long) MAX_EVENTS * EpollEventLayout.SIZE, Integer.BYTES);
            while (!closed) {
                dispatch(events, await(events));
                runTasks();
            }
        } catch (RuntimeException e) {
            failures.log("the loop", e);
        } finally {
            end();
        }
    }

    private int await(MemorySegment events) {
        int timeoutMillis;
        synchronized (taskLock) {
            timeoutMillis = tasks.isEmpty() ? -1 : 0;
        }
        int count = Libc.epollWait(epoll.value(), events.address(), MAX_EVENTS, timeoutMillis);
        // A signal, as a debugger or a profiler sends: the one place where EINTR is expected, as all else here never
        // blocks.
        return count == -Errno.EINTR ? 0 : Libc.check("epoll_wait", count);
    }

    private void dispatch(MemorySegment events, int count) {
        for (int i = 0; i < count; i++) {
            long offset = (long) i * EpollEventLayout.SIZE;
            long token = events.get(EpollEventLayout.DATA, offset + EpollEventLayout.DATA_OFFSET);
            Registration registration = slots[(int) token];
            if (registration != null && registration.token() == token) {
                registration.run(events.get(EpollEventLayout.EVENTS, offset + EpollEventLayout.EVENTS_OFFSET));
            }
        }
    }

    private void wokenUp(int events) {
        long _ = wakeup.drain();
        synchronized (taskLock) {
            wakeupPending = false;
        }
    }

    /** Runs the tasks that wait. */
    private void runTasks() {
        synchronized (taskLock) {
            ArrayDeque<Runnable> taken = tasks;
            tasks = runningTasks;
            runningTasks = taken;
        }
        // What these add waits for the next round, so that tasks that renew themselves leave room for the descriptors.
        Runnable task = runningTasks.poll();
        while (task != null) {
            try {
                task.run();
            } catch (Throwable e) {
                failures.log("a task", e);
            }
            task = runningTasks.poll();
        }
    }

    private void end() {
        synchronized (taskLock) {
            closed = true;
        }
        runTasks();
        runEndActions();
        timers.close();
        synchronized (lock) {
            ended = true;
            Arrays.fill(slots, null);
            wakeup.close();
            epoll.close();
        }
    }

    private void runEndActions() {
        List<Runnable> actions;
        synchronized (lock) {
            actions = List.copyOf(endActions);
        }
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (Throwable e) {
                failures.log("what runs at the end", e);
            }
        }
    }

    private void requireOpen() {
        if (closed || ended) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    private int freeSlot() {
        @Nullable Registration[] current = slots;
        for (int i = 0; i < current.length; i++) {
            if (current[i] == null) {
                return i;
            }
        }
        slots = Arrays.copyOf(current, current.length * 2);
        return current.length;
    }

    private void setSlot(int slot, @Nullable Registration registration) {
        @Nullable Registration[] current = slots;
        current[slot] = registration;
        slots = current; // volatile: publishes the entry
    }

    private int control(int operation, Registration registration, int events) {
        controlEvent.set(EpollEventLayout.EVENTS, EpollEventLayout.EVENTS_OFFSET, events);
        controlEvent.set(EpollEventLayout.DATA, EpollEventLayout.DATA_OFFSET, registration.token());
        return Libc.epollCtl(epoll.value(), operation, registration.fd(), controlEvent.address());
    }

    @Override
    public String toString() {
        return name;
    }
}
