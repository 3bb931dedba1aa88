# What `ruby -e CODE` does with CODE, which is the first argument.
code = ARGV.shift
status = 0
begin
  eval(code, TOPLEVEL_BINDING, "-e")
rescue SystemExit => e
  status = e.status
rescue Exception => e
  $stderr.puts e.full_message(highlight: false)
  status = 1
end
$stdout.flush
exit!(status)
