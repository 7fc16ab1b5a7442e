package io.javisor.cli.logging;

import ch.qos.logback.classic.spi.LogbackServiceProvider;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.LocationAwareLogger;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Logback, started when something is logged: most runs of the command-line tool log nothing. The launcher names this class to SLF4J.
 */
public final class LazyLogging implements SLF4JServiceProvider {
    private final ConcurrentMap<String, Logger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter noContext = new NOPMDCAdapter();

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> loggers.computeIfAbsent(name, LazyLogger::new);
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return noContext;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {}

    /** Made by the first message. */
    private static final class Logback {
        static final ILoggerFactory LOGGERS = start();

        private static ILoggerFactory start() {
            LogbackServiceProvider provider = new LogbackServiceProvider();
            provider.initialize();
            return provider.getLoggerFactory();
        }
    }

    private static final class LazyLogger extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1;

        private static final int UNKNOWN = -1;

        /** As {@link LogConfigurator} has it. Looked up when it is first asked for: classes are loaded before the options are read. */
        private int threshold = UNKNOWN;

        LazyLogger(String name) {
            this.name = name;
        }

        private boolean isEnabled(Level level) {
            int least = threshold;
            if (least == UNKNOWN) {
                least = Logging.settings().levels().of(name).threshold;
                threshold = least;
            }
            return level.toInt() >= least;
        }

        @Override
        public boolean isTraceEnabled() {
            return isEnabled(Level.TRACE);
        }

        @Override
        public boolean isDebugEnabled() {
            return isEnabled(Level.DEBUG);
        }

        @Override
        public boolean isInfoEnabled() {
            return isEnabled(Level.INFO);
        }

        @Override
        public boolean isWarnEnabled() {
            return isEnabled(Level.WARN);
        }

        @Override
        public boolean isErrorEnabled() {
            return isEnabled(Level.ERROR);
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return LazyLogger.class.getName();
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                @Nullable String message,
                Object @Nullable [] arguments,
                @Nullable Throwable throwable) {
            ((LocationAwareLogger) Logback.LOGGERS.getLogger(name))
                    .log(marker, getFullyQualifiedCallerName(), level.toInt(), message, arguments, throwable);
        }
    }
}
